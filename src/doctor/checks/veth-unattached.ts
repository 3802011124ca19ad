import { rememberEach } from '../../model/remember-each.js';
import { declareCheck } from './check.js';
import { key } from '../facts/key.js';
import { networksByBridge, networksByName } from '../facts/lookups.js';
import type { AttachmentFacts, Facts, KernelFacts } from '../facts/facts.js';

export const vethUnattached = declareCheck({
  code: 'veth-unattached',
  severity: 'warning',
  title: 'A veth is plugged into the bridge of a network, and no attachment is recorded for it',
  why: 'Its other end lives in some namespace without a lease of its own, so its address may be given to another container. The bridge stays in use.',
  fix: undefined,
  follows: ['intent-dead'],
  look: ({ kernel, attachments, folder }) =>
    kernel === undefined
      ? []
      : findUnexplained(kernel, attachments).map(({ name, master }) => {
          const networks = (networksByBridge(folder).get(master) ?? []).map((one) => one.name);
          const of = networks.length === 0 ? '' : ` of network ${networks.join(', ')}`;
          return {
            seen: `${name} on bridge ${master}${of}`,
            remedy: `"ip -details link show ${name}" shows the namespace of its other end; if nothing uses that, "ip link delete ${name}"`,
            about: [key.bridge(master), ...networks.map(key.work)],
          };
        }),
});

/** Ports of the networks' bridges that neither a record nor an intent explains. */
function findUnexplained({ links }: KernelFacts, { recorded, intents }: AttachmentFacts) {
  const explained = new Set([...recorded, ...intents].flatMap(({ hostLinks = [] }) => hostLinks));
  // A record that names no links may be of any of them, and work under way has links that its intent does not have yet.
  const isUncertain = recorded.some(({ hostLinks }) => hostLinks === undefined) || intents.some(({ isHeld }) => isHeld);
  if (isUncertain) return [];
  const bridges = new Set(links.filter(({ kind, isNamed }) => kind === 'bridge' && isNamed).map(({ name }) => name));
  return links.flatMap(({ name, kind, master }) =>
    kind === 'veth' && master !== undefined && bridges.has(master) && !explained.has(name) ? [{ name, master }] : [],
  );
}

/** Whether some container on a network may live that no record has. */
export function mayHaveUnknown(network: string, facts: Facts): boolean {
  const bridges = networksByName(facts.folder).get(network)?.bridges ?? [];
  return facts.kernel === undefined || bridges.some((bridge) => unexplainedBridges(facts).has(bridge));
}

const unexplainedBridges = rememberEach(
  ({ kernel, attachments }: Facts): ReadonlySet<string> =>
    new Set(kernel === undefined ? [] : findUnexplained(kernel, attachments).map(({ master }) => master)),
);
