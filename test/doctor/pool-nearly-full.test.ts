import t from 'tap';
import { poolNearlyFull } from '../../src/doctor/checks/pool-nearly-full.js';
import type { Facts, FleetFacts, PoolFacts } from '../../src/doctor/facts/facts.js';
import { cidr } from '../support/addresses.js';

const alone: FleetFacts = { collisions: [], problems: [], growing: [], isIndex: false };
const full = makePool('10.64.16.0/24', 0n);
const roomy = makePool('10.64.32.0/24', 12n);

function makePool(base: string, free: bigint): PoolFacts {
  return { base: cidr(base), prefixBits: 28, total: 16n, free };
}

function look(pools: readonly PoolFacts[], fleet: Partial<FleetFacts> = {}) {
  const facts: Pick<Facts, 'pools' | 'fleet'> = { pools, fleet: { ...alone, ...fleet } };
  return poolNearlyFull.look(facts as Facts);
}

t.test('a full pool beside one with room', async (t) => {
  t.match(look([full, roomy]), [{ seen: /^10\.64\.16\.0\/24: 16 of 16/, remedy: /add a pool to subnet_pools in/ }]);
  t.match(look([full, roomy], { isIndex: true }), [{ remedy: /for a family of \[fleet\] a pool there on each host/ }]);
});

t.test('a full block of a fleet counts when all blocks of its family are full', async (t) => {
  const growing = [full.base, roomy.base, cidr('fd12::/56')];
  const six: PoolFacts = { base: cidr('fd12::/56'), prefixBits: 64, total: 256n, free: 255n };
  t.same(look([full, roomy, six], { growing }), [], 'podnetd takes subnets from the other one');
  t.match(look([full, makePool('10.64.32.0/24', 1n), six], { growing }), [
    { seen: /^10\.64\.16\.0\/24/, remedy: /"podnetd fleet status".* add a pool to \[fleet\]/ },
    { seen: /^10\.64\.32\.0\/24/ },
  ]);
  t.match(look([full, makePool('10.65.0.0/24', 16n)], { growing }), [{}], 'a pool beside the fleet is no help');
});
