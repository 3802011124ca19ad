import { parseCidr } from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';
import type { Attachment, AttachmentKey } from '../../model/attachment.js';
import type { Repair, Sighting } from './check.js';
import { key } from '../facts/key.js';
import type { Facts } from '../facts/facts.js';
import { readContainerRule, type ContainerRule } from '../facts/container-rule.js';
import { mayHaveUnknown } from './veth-unattached.js';

/** The rules of containers that neither a record nor a living process has, one sighting a container. */
export function findLeft(kind: ContainerRule['kind'], code: string, facts: Facts): readonly Sighting[] {
  const found = new Map<string, ContainerRule[]>();
  for (const rule of facts.rules.flatMap((one) => readContainerRule(one) ?? [])) {
    if (rule.kind !== kind) continue;
    const container = key.container(rule.network, rule.containerId);
    const known = found.get(container);
    if (known === undefined) found.set(container, [rule]);
    else known.push(rule);
  }
  const { recorded, intents, living } = facts.attachments;
  const used = new Set([
    ...living,
    ...recorded
      .filter(({ liveness }) => liveness !== 'gone')
      .map(({ attachment }) => key.container(attachment.networkName, attachment.containerId)),
    ...intents.filter(({ isHeld }) => isHeld).map(({ work }) => key.container(work.networkName, work.containerId)),
  ]);
  return [...found]
    .filter(([container]) => !used.has(container))
    .map(([container, rules]) => describe(container, rules, code, facts));
}

/** The repair of what the rules follow from, which removes them too; undefined where they follow from nothing. */
function repairOfCause(container: string, network: string, { attachments }: Facts): Repair | undefined {
  const isSame = (one: AttachmentKey) => key.container(one.networkName, one.containerId) === container;
  if (attachments.intents.some(({ work }) => isSame(work))) return { act: 'finish' };
  const isDead = attachments.recorded.some((one) => isSame(one.attachment)) || attachments.leased.some(isSame);
  return isDead ? { act: 'collect', network } : undefined;
}

function describe(container: string, rules: readonly ContainerRule[], code: string, facts: Facts): Sighting {
  const [{ network, containerId } = { network: '', containerId: '' }] = rules;
  const ids = new Set(rules.flatMap(({ address = [] }) => address));
  const attachment = toAttachment(network, containerId, [...ids]);
  const isSafe =
    facts.folder.networks.some(({ name }) => name === network) &&
    !mayHaveUnknown(network, facts) &&
    // The DEL removes rules by their addresses, which another container may have by now.
    !attachment.addresses.some(({ address }) => facts.attachments.addresses.some((one) => isSame(one, address)));
  const ofItself: Repair | undefined = isSafe ? { act: 'release', attachment } : undefined;
  const repair = repairOfCause(container, network, facts) ?? ofItself;
  const of = ids.size === 0 ? '' : ` for ${[...ids].join(', ')}`;
  return {
    seen: `${rules.length} rule${rules.length === 1 ? '' : 's'}${of} of container ${containerId} on network ${network}`,
    remedy:
      repair !== undefined
        ? `podnetd doctor --fix --only ${code}`
        : `"iptables-save -t nat | grep ${containerId}" shows them; delete each with "iptables -t nat -D …" when no container has the addresses`,
    about: [container],
    repair,
  };
}

function isSame(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** The plugins find their rules by name, id and addresses; the interface is any. */
function toAttachment(networkName: string, containerId: string, addresses: readonly string[]): Attachment {
  return {
    networkName,
    containerId,
    containerName: undefined,
    ifName: 'eth0',
    netns: undefined,
    macAddress: undefined,
    addresses: addresses.flatMap((text) => {
      const address = parseCidr(text)?.address;
      return address === undefined
        ? []
        : [{ address, prefixBits: address.family === 4 ? 32 : 128, gateway: undefined }];
    }),
    aliases: [],
    portMappings: [],
  };
}
