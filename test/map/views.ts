import { bitsOf, formatCidr } from '../../src/ip/cidr.js';
import type { MapView, PoolBody, TakenBody } from '../../src/map/drawing/view.js';
import { cidr } from '../support/addresses.js';

/** A holder: its first block, counted from 0, how many it has, and what else the report says of it. */
export type Entry = readonly [first: number, count: number, rest: Partial<TakenBody> & { readonly kind: string }];

/** A pool as a report has it, with blocks that holders have, in order. */
export function makePool(base: string, size: number, entries: readonly Entry[]): PoolBody {
  const { family, base: value, prefixBits } = cidr(base);
  const hostBits = BigInt(bitsOf(family) - size);
  const prefixAt = (index: bigint) => formatCidr({ family, base: value + (index << hostBits), prefixBits: size });
  const taken = entries.map(([from, blocks, rest]) => {
    const [first, last] = [prefixAt(BigInt(from)), prefixAt(BigInt(from) + BigInt(blocks) - 1n)];
    return { prefix: first, ...rest, first, last, blocks };
  });
  const sum = (...kinds: readonly string[]) =>
    taken.filter(({ kind }) => kinds.includes(kind)).reduce((total, { blocks }) => total + blocks, 0);
  const [total, used, reserved] = [2 ** (size - prefixBits), sum('network'), sum('reserved')];
  const blocked = sum('interface', 'route', 'dns-server');
  const free = total - used - reserved - blocked;
  return { base, size, family, blocks: { total, used, reserved, blocked, free }, taken, unlisted: 0 };
}

/** As many networks of a block each. */
export function networks(from: number, count: number): readonly Entry[] {
  return Array.from({ length: count }, (_, index) => [
    from + index,
    1,
    { kind: 'network', name: `net${from + index}` },
  ]);
}

export function makeView(pools: readonly PoolBody[], rest: Partial<MapView> = {}): MapView {
  return {
    hostName: 'box',
    subject: 'host',
    at: new Date(0),
    source: { daemon: '/run/podnetd/podnetd.sock' },
    report: { pools: [...pools], reserved: [] },
    ...rest,
  };
}
