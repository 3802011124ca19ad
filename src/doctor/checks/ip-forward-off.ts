import { declareCheck, type Sighting } from './check.js';
import { key } from '../facts/key.js';
import type { Facts } from '../facts/facts.js';
import type { SettingName } from '../facts/settings.js';
import { listNames } from './words.js';

const settings = { 4: 'net.ipv4.ip_forward', 6: 'net.ipv6.conf.all.forwarding' } as const satisfies Record<
  4 | 6,
  SettingName
>;

export const ipForwardOff = declareCheck({
  code: 'ip-forward-off',
  severity: 'error',
  title: 'The kernel forwards no packets, and containers are on networks that need it',
  why: 'The bridge plugin turned forwarding on when it connected the first container, and another program turned it off since. Containers reach no other network, and published ports reach no container.',
  fix: undefined,
  follows: [],
  look: (facts) => ([4, 6] as const).flatMap((family) => lookAt(facts, family)),
});

function lookAt({ kernel, folder, attachments }: Facts, family: 4 | 6): readonly Sighting[] {
  const setting = settings[family];
  if (kernel?.settings.get(setting) !== '0') return [];
  const used = new Set(
    attachments.recorded
      .filter(({ liveness }) => liveness === 'alive')
      .filter(({ attachment }) => attachment.addresses.some(({ address }) => address.family === family))
      .map(({ attachment }) => attachment.networkName),
  );
  const needy = folder.networks.filter(
    ({ name, stored: { network } }) => network.driver === 'bridge' && !network.internal && used.has(name),
  );
  if (needy.length === 0) return [];
  const names = needy.map(({ name }) => name);
  return [
    {
      seen: `${setting} is 0, and containers are on ${listNames('network', names)}`,
      remedy: `sysctl -w ${setting}=1, and find in /etc/sysctl.d what sets it`,
      about: names.map(key.network),
    },
  ];
}
