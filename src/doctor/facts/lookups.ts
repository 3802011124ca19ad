import { formatAddress } from '../../ip/cidr.js';
import { rememberEach } from '../../model/remember-each.js';
import type { AttachmentFacts, FolderFacts, KernelFacts, LinkFacts, NetworkFacts } from './facts.js';
import { key } from './key.js';

/** Facts by what checks look for. Each is made once for the facts of a look, so that no check takes a step for each pair of facts. */

export const networksByName = rememberEach(
  ({ networks }: FolderFacts): ReadonlyMap<string, NetworkFacts> => new Map(networks.map((one) => [one.name, one])),
);

export const networksByBridge = rememberEach(({ networks }: FolderFacts) => group(networks, ({ bridges }) => bridges));

/** By the type of a plugin that they need. */
export const networksByType = rememberEach(({ networks }: FolderFacts) => group(networks, ({ types }) => types));

export const linksByName = rememberEach(
  ({ links }: KernelFacts): ReadonlyMap<string, LinkFacts> => new Map(links.map((link) => [link.name, link])),
);

/** Links that are plugged into another, by the name of that one. */
export const portsByLink = rememberEach(({ links }: KernelFacts) => group(links, ({ master = [] }) => [master].flat()));

/** Keys of the containers that a dead process was at work on. */
export const containersAtWork = rememberEach(
  ({ intents }: AttachmentFacts): ReadonlySet<string> =>
    new Set(intents.map(({ work }) => key.container(work.networkName, work.containerId))),
);

/** Keys of all containers that a record or a lease has. */
export const knownContainers = rememberEach(
  ({ recorded, leased }: AttachmentFacts): ReadonlySet<string> =>
    new Set(
      [...recorded.map(({ attachment }) => attachment), ...leased].map((one) =>
        key.container(one.networkName, one.containerId),
      ),
    ),
);

/** The addresses of {@link AttachmentFacts.addresses} as text. */
export const usedAddresses = rememberEach(
  ({ addresses }: AttachmentFacts): ReadonlySet<string> => new Set(addresses.map(formatAddress)),
);

function group<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    for (const each of keysOf(item)) {
      const others = groups.get(each);
      if (others === undefined) groups.set(each, [item]);
      else others.push(item);
    }
  }
  return groups;
}
