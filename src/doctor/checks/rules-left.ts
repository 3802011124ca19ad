import { formatAddress, parseCidr } from '../../ip/cidr.js';
import type { Attachment } from '../../model/attachment.js';
import type { Repair, Sighting } from './check.js';
import { key } from '../facts/key.js';
import type { Facts } from '../facts/facts.js';
import { containersAtWork, knownContainers, networksByName, usedAddresses } from '../facts/lookups.js';
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
  if (containersAtWork(attachments).has(container)) return { act: 'finish' };
  return knownContainers(attachments).has(container) ? { act: 'collect', network } : undefined;
}

function describe(container: string, rules: readonly ContainerRule[], code: string, facts: Facts): Sighting {
  const [{ network, containerId } = { network: '', containerId: '' }] = rules;
  const texts = [...new Set(rules.flatMap(({ address = [] }) => address))];
  const attachment = toAttachment(network, containerId, texts);
  const used = usedAddresses(facts.attachments);
  const isSafe =
    networksByName(facts.folder).has(network) &&
    !mayHaveUnknown(network, facts) &&
    // The DEL removes rules by their addresses, which another container may have by now.
    !attachment.addresses.some(({ address }) => used.has(formatAddress(address)));
  const ofItself: Repair | undefined = isSafe ? { act: 'release', attachment } : undefined;
  const repair = repairOfCause(container, network, facts) ?? ofItself;
  const places = texts.length === 0 ? '' : ` for ${texts.join(', ')}`;
  return {
    seen: `${rules.length} rule${rules.length === 1 ? '' : 's'}${places} of container ${containerId} on network ${network}`,
    remedy:
      repair !== undefined
        ? `podnetd doctor --fix --only ${code}`
        : `"iptables-save -t nat" and "ip6tables-save -t nat" show them, with ${containerId}; when no container has the addresses, delete each with "iptables -t nat -D …"`,
    about: [container],
    repair,
  };
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
