import { declareCheck, type Sighting } from './check.js';
import { key } from '../facts/key.js';
import type { Facts, KernelFacts, Rule } from '../facts/facts.js';
import type { SettingName } from '../facts/settings.js';

const settings = {
  4: 'net.bridge.bridge-nf-call-iptables',
  6: 'net.bridge.bridge-nf-call-ip6tables',
} as const satisfies Record<4 | 6, SettingName>;

export const brNetfilter = declareCheck({
  code: 'br-netfilter',
  severity: 'warning',
  title: 'Rules for packets within a bridge have no effect',
  why: 'The kernel shows iptables what a bridge forwards itself only with br_netfilter, so a rule that should keep containers of one network apart lets everything pass.',
  fix: undefined,
  follows: [],
  look: (facts) => {
    const { kernel } = facts;
    return kernel === undefined ? [] : ([4, 6] as const).flatMap((family) => lookAt(facts, kernel, family));
  },
});

function lookAt(
  { rules, folder }: Facts,
  { links, settings: values }: KernelFacts,
  family: 4 | 6,
): readonly Sighting[] {
  const setting = settings[family];
  const value = values.get(setting);
  if (value === '1') return [];
  // Such a bridge keeps its ports apart itself.
  const isolating = new Set(
    folder.networks
      .filter(({ plugins }) => plugins.some(({ portIsolation }) => portIsolation === true))
      .flatMap(({ bridges }) => bridges),
  );
  const bridges = links.filter(({ kind, isNamed, name }) => kind === 'bridge' && isNamed && !isolating.has(name));
  const byBridge = new Map(
    rules.filter((rule) => rule.family === family).map((rule) => [findBridge(rule), rule] as const),
  );
  return bridges.flatMap(({ name }) => {
    const rule = byBridge.get(name);
    if (rule === undefined) return [];
    return [
      {
        seen: `rule "${rule.text}", and ${setting} is ${value ?? 'absent, since br_netfilter is not loaded'}`,
        remedy: `modprobe br_netfilter && sysctl -w ${setting}=1`,
        about: [key.bridge(name)],
      },
    ];
  });
}

/** The bridge from one port of which to another a rule stops packets; undefined for other rules. */
function findBridge({ text }: Rule): string | undefined {
  if (!/ -j (?:DROP|REJECT)\b/.test(text)) return undefined;
  const from = /(?<! !) -i (\S+) /.exec(text)?.[1];
  return from !== undefined && from === /(?<! !) -o (\S+) /.exec(text)?.[1] ? from : undefined;
}
