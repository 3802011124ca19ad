import { blocksOver } from '../../ip/blocks.js';
import { covers, formatCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import type { FleetCollision, FleetPool, FleetProblem } from '../../model/fleet.js';
import type { HostUse } from '../given/look-at-use.js';
import { describeOwner, type ClaimValue } from '../store/values.js';
import type { ReconcileParts } from './reconcile.js';

/** Blocks that a host claims for one network that was there before. */
const mostBlocks = 1_024;

export interface Adoption {
  readonly collisions: readonly FleetCollision[];
  readonly problems: readonly FleetProblem[];
}

interface Need {
  readonly network: string;
  readonly subnet: Cidr;
  readonly blocks: readonly Cidr[];
}

/**
 * Claims the blocks that networks of this host overlap, whoever made them. Blocks of others are collisions, and nobody's network changes.
 *
 * @throws StoreError
 */
export async function adopt(
  parts: ReconcileParts & { readonly pools: readonly FleetPool[] },
  { strays, isUsed }: Pick<HostUse, 'strays' | 'isUsed'>,
): Promise<Adoption> {
  const { needs, problems } = listNeeds(parts.pools, strays);
  const collisions: FleetCollision[] = [];
  for (const need of needs) collisions.push(...(await claimMissing(parts, need)));
  await forgetLost(parts, isUsed);
  return { collisions, problems };
}

/** What {@link adopt} would find where it claims nothing. @param own blocks in force @param readClaims those of blocks, in their order @throws StoreError */
export async function findCollisions(
  { pools, own, host }: { readonly pools: readonly FleetPool[]; readonly own: readonly Cidr[]; readonly host: string },
  { strays }: Pick<HostUse, 'strays'>,
  readClaims: (blocks: readonly Cidr[]) => Promise<readonly (ClaimValue | undefined)[]>,
): Promise<Adoption> {
  const { needs, problems } = listNeeds(pools, strays);
  const collisions: FleetCollision[] = [];
  for (const { network, subnet, blocks } of needs) {
    const missing = blocks.filter((block) => !own.some((each) => covers(each, block)));
    for (const [at, claim] of (await readClaims(missing)).entries()) {
      const block = missing[at];
      if (block === undefined || claim === undefined || claim.host === host) continue;
      collisions.push({ network, subnet, block, owner: describeOwner(claim) });
    }
  }
  return { collisions, problems };
}

function listNeeds(pools: readonly FleetPool[], strays: HostUse['strays']) {
  const needs: Need[] = [];
  const problems: FleetProblem[] = [];
  for (const { name, subnets } of strays) {
    for (const subnet of subnets) {
      const need = findNeed(pools, name, subnet);
      if (need !== undefined) {
        needs.push(need);
        continue;
      }
      const reason = `the network ${name} has the subnet ${formatCidr(subnet)}, which overlaps more than ${mostBlocks} blocks of the fleet; none is claimed for it`;
      problems.push({ code: 'too-many-blocks', reason });
    }
  }
  return { needs, problems };
}

function findNeed(pools: readonly FleetPool[], network: string, subnet: Cidr): Need | undefined {
  const blocks: Cidr[] = [];
  for (const pool of pools) {
    const some = blocksOver(pool, subnet, mostBlocks - blocks.length);
    if (some === undefined) return undefined;
    blocks.push(...some);
  }
  return { network, subnet, blocks };
}

async function claimMissing(
  parts: ReconcileParts,
  { network, subnet, blocks }: Need,
): Promise<readonly FleetCollision[]> {
  const { keeper, own, log } = parts;
  const collisions: FleetCollision[] = [];
  const missing = blocks.filter((block) => !own.inForce.some((each) => covers(each, block)));
  if (missing.length === 0) return [];
  // One look at all of them: collisions stay for long, and need no claim that fails each minute.
  const claims = await parts.claimer.read(missing, parts.deadline());
  for (const [at, block] of missing.entries()) {
    const known = parts.claimer.ownerOf(claims[at]);
    const outcome =
      known === undefined
        ? await keeper.alone(async () => await keeper.claimNew([block], parts.deadline()))
        : { kind: 'owned', owner: known };
    if (outcome.kind === 'owned') collisions.push({ network, subnet, block, owner: outcome.owner });
    else if (outcome.kind === 'claimed')
      log.info({ block: formatCidr(block), network }, 'claimed the block of a network');
  }
  return collisions;
}

/** A block that another host has now is of no interest without a network in it. */
async function forgetLost({ keeper, own }: ReconcileParts, isUsed: HostUse['isUsed']): Promise<void> {
  await keeper.alone(async () => {
    const gone = own.blocks.filter(({ state, block }) => state === 'lost' && !isUsed(block));
    if (gone.length > 0) await own.change(gone.map(({ block }) => [block, undefined]));
  });
}
