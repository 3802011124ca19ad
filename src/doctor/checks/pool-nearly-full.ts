import { formatCidr } from '../../ip/cidr.js';
import type { Family } from '../../model/address.js';
import type { FleetFacts, PoolFacts } from '../facts/facts.js';
import { declareCheck } from './check.js';

export const poolNearlyFull = declareCheck({
  code: 'pool-nearly-full',
  severity: 'warning',
  title: 'A pool of subnets is more than nine tenths full',
  why: 'When it is full, creates that name no subnet get one of the next pool, or fail.',
  fix: undefined,
  follows: [],
  look: ({ pools, fleet }) => {
    const own = new Set(fleet.growing.map(formatCidr));
    const isOwn = ({ base }: PoolFacts) => own.has(formatCidr(base));
    // A block of a fleet may be full: podnetd claims the next one while few subnets of all of them are free.
    const isScarce = (family: Family) =>
      isNearlyFull(sum(pools.filter((one) => one.base.family === family && isOwn(one))));
    const scarce = { 4: isScarce(4), 6: isScarce(6) };
    return pools
      .filter((pool) => isNearlyFull(pool) && (!isOwn(pool) || scarce[pool.base.family]))
      .map((pool) => ({
        seen: `${formatCidr(pool.base)}: ${pool.total - pool.free} of ${pool.total} blocks of /${pool.prefixBits} are taken`,
        remedy: `"podnetd map" shows who has them; ${remedyFor(isOwn(pool), fleet)}`,
        about: [],
      }));
  },
});

type Room = Pick<PoolFacts, 'total' | 'free'>;

function isNearlyFull({ total, free }: Room): boolean {
  return (total - free) * 10n > total * 9n;
}

function sum(pools: readonly Room[]): Room {
  let [total, free] = [0n, 0n];
  for (const pool of pools) [total, free] = [total + pool.total, free + pool.free];
  return { total, free };
}

function remedyFor(isOwn: boolean, { isIndex }: FleetFacts): string {
  if (isOwn)
    return '"podnetd fleet status" shows whether etcd answers; where the pool has no free block, add a pool to [fleet] of podnetd.toml on each host';
  const pools = isIndex ? 'subnet_pools, or for a family of [fleet] a pool there on each host,' : 'subnet_pools';
  return `add a pool to ${pools} in podnetd.toml, and "systemctl reload podnetd"`;
}
