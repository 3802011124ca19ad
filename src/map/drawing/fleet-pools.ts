import type { FleetBody } from '../../api/podnetd/fleet.js';
import { comparePrefixes, covers, parseCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import type { PoolBody, TakenBody } from './view.js';

interface Held {
  readonly prefix: Cidr;
  readonly taken: TakenBody;
}

/** The pools of a fleet, with hosts in the place of networks; the length of blocks is that of claims. */
export function toPools(fleet: FleetBody): readonly PoolBody[] {
  const held = listHeld(fleet).toSorted((a, b) => comparePrefixes(a.prefix, b.prefix));
  return fleet.pools.map(({ base, block: size, blocks: total, claimed }) => {
    const pool = parseCidr(base)?.cidr;
    const own = pool === undefined ? [] : held.filter(({ prefix }) => covers(pool, prefix));
    const count = (kind: string) => own.filter(({ taken }) => taken.kind === kind).length;
    const all = Math.max(claimed ?? 0, own.length);
    return {
      base,
      size,
      family: pool?.family ?? 4,
      blocks: {
        total,
        used: all - count('silent-host') - count('this-host'),
        reserved: count('silent-host'),
        blocked: count('this-host'),
        free: total - all,
      },
      taken: own.map(({ taken }) => taken),
      unlisted: all - own.length,
    };
  });
}

/** Blocks of all hosts, and those of this host that the list of hosts lacks. */
function listHeld({ host: thisHost, name: thisName, hosts, own_blocks: ownBlocks }: FleetBody): readonly Held[] {
  const held = hosts.flatMap(({ host, name, alive, blocks }) => {
    const kind = host === thisHost ? 'this-host' : alive ? 'other-host' : 'silent-host';
    return blocks.flatMap(({ block }) => hold(block, kind, name));
  });
  const known = new Set(held.map(({ taken }) => taken.first));
  const lacking = ownBlocks.filter(({ block, state }) => state !== 'lost' && !known.has(block));
  return [...held, ...lacking.flatMap(({ block }) => hold(block, 'this-host', thisName ?? ''))];
}

function hold(block: string, kind: string, name: string): readonly Held[] {
  const prefix = parseCidr(block)?.cidr;
  if (prefix === undefined) return [];
  return [{ prefix, taken: { kind, prefix: block, name, first: block, last: block, blocks: 1 } }];
}
