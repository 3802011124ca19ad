import { formatCidr } from '../ip/cidr.js';
import { mapInShares } from '../model/in-shares.js';
import { rememberEach } from '../model/remember-each.js';
import type { AttachmentView } from '../network/dependencies/attachments.js';
import type { StoredNetwork } from '../network/dependencies/stored-network.js';
import type { LeasedAddresses } from '../network/leased-addresses.js';
import type { MeasuredPool } from '../network/pools.js';
import { metricDeclarations } from './declarations.js';
import type { NumberFamily, NumberSample } from './family.js';

const drivers: ReadonlySet<string> = new Set(['bridge', 'macvlan', 'ipvlan']);

/** Between two changes a list of networks is the same object. */
export const networkFamily = rememberEach((networks: readonly StoredNetwork[]): NumberFamily => {
  const counts = new Map<string, number>();
  for (const { network, foreign } of networks) {
    // A foreign file may name any plugin.
    const key = `${drivers.has(network.driver) ? network.driver : 'other'} ${foreign ? 'foreign' : 'own'}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const samples = Array.from(counts, ([key, value]) => ({ labels: key.split(' '), value }));
  return { declaration: metricDeclarations.networks, samples };
});

/** A pool that the settings have twice is shown once. */
export function poolFamily(pools: readonly MeasuredPool[]): NumberFamily {
  const states = ['used', 'reserved', 'blocked', 'free'] as const;
  const samples = new Map<string, NumberSample>();
  for (const measured of pools) {
    const [pool, size] = [formatCidr(measured.pool.base), String(measured.pool.prefixBits)];
    for (const state of states)
      samples.set(`${pool} ${size} ${state}`, { labels: [pool, size, state], value: Number(measured[state]) });
  }
  return { declaration: metricDeclarations.poolBlocks, samples: [...samples.values()] };
}

/** @param unfinished number of ADDs and DELs that have begun */
export async function attachmentFamily(view: AttachmentView, unfinished: number): Promise<NumberFamily> {
  const { live, dead } = await view.count();
  return {
    declaration: metricDeclarations.attachments,
    samples: [
      { labels: ['live'], value: live },
      { labels: ['dead'], value: dead },
      { labels: ['unfinished'], value: unfinished },
    ],
  };
}

/** Has two numbers for each network and family; steps: as an inspect of each network. */
export async function addressFamily(
  networks: readonly StoredNetwork[],
  view: AttachmentView,
  addresses: Pick<LeasedAddresses, 'measure'>,
): Promise<NumberFamily> {
  const samples = await mapInShares(networks, (stored) => {
    const sums = new Map<number, { inUse: bigint; available: bigint }>();
    for (const { cidr, inUse, available } of addresses.measure(stored, view)) {
      const sum = sums.get(cidr.family) ?? { inUse: 0n, available: 0n };
      sums.set(cidr.family, { inUse: sum.inUse + inUse, available: sum.available + available });
    }
    return Array.from(sums, ([family, { inUse, available }]): readonly NumberSample[] => [
      { labels: [stored.network.name, String(family), 'in_use'], value: Number(inUse) },
      { labels: [stored.network.name, String(family), 'available'], value: Number(available) },
    ]).flat();
  });
  return { declaration: metricDeclarations.addresses, samples: samples.flat() };
}
