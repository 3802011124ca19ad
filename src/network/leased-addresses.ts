import type { Network } from '../model/network.js';
import { sortLeases, type SubnetLeases } from './addresses/subnet-leases.js';
import { measureUsage, type SubnetUsage } from './addresses/subnet-usage.js';
import type { AttachmentReader, AttachmentView, LeasedAddress, LeaseHolder } from './dependencies/attachments.js';
import type { NetworkReader, StoredNetwork } from './dependencies/stored-network.js';
import { mapInShares } from '../model/in-shares.js';

export type HeldAddress = LeasedAddress & LeaseHolder;

/** The leases that an answer shows, and how many it leaves out. */
export interface HeldAddresses {
  /** The lowest addresses, in ascending order. */
  readonly held: readonly HeldAddress[];
  readonly unlisted: number;
}

export type SubnetAddresses = HeldAddresses & Omit<SubnetLeases<LeasedAddress>, 'leases'>;

export interface NetworkAddresses {
  readonly network: Network;
  /** Each prefix once, in the order of the network; none without host-local, whose leases alone are known. */
  readonly subnets: readonly SubnetAddresses[];
  /** Leases in none of the subnets: those of an earlier subnet, and of a network whose first plugin podnetd does not read. */
  readonly others: HeldAddresses;
}

/** Shows who has which addresses of a network. */
export interface LeasedAddresses {
  /**
   * @param nameOrId a name, an id, or the unique beginning of an id
   * @param limit number of listed leases at most, of each subnet
   * @throws NetworkError notFound, ambiguous, storage
   */
  look(nameOrId: string, limit: number): Promise<NetworkAddresses>;
  /** How full the subnets of a network are; none without host-local. */
  measure(network: StoredNetwork, view: AttachmentView): readonly SubnetUsage[];
}

export interface LeasedAddressesParts {
  readonly reader: Pick<NetworkReader, 'find'>;
  readonly attachments: AttachmentReader;
}

export function buildLeasedAddresses({ reader, attachments }: LeasedAddressesParts): LeasedAddresses {
  return {
    async look(nameOrId, limit) {
      // Side by side, so that both see the same poll of the event loop.
      const [stored, view] = await Promise.all([reader.find(nameOrId), attachments.look()]);
      const { network } = stored;
      const sorted = sortLeases(network.subnets, view.leases(stored));
      const hold = async (leases: readonly LeasedAddress[]) => await listHeld(leases, limit, stored, view);
      const subnets: SubnetAddresses[] = [];
      for (const { leases, ...subnet } of sorted.subnets) subnets.push({ ...subnet, ...(await hold(leases)) });
      return { network, subnets, others: await hold(sorted.others) };
    },

    measure(stored, view) {
      return measureUsage(stored.network.subnets, view.leases(stored));
    },
  };
}

async function listHeld(
  leases: readonly LeasedAddress[],
  limit: number,
  stored: StoredNetwork,
  view: AttachmentView,
): Promise<HeldAddresses> {
  const held = await mapInShares(leases.slice(0, limit), (lease) => ({
    ...lease,
    ...view.holderOf(lease.containerId, stored),
  }));
  return { held, unlisted: leases.length - held.length };
}
