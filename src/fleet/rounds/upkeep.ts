import { covers, formatCidr, isSameCidr } from '../../ip/cidr.js';
import type { Cidr, Family } from '../../model/address.js';
import type { FleetPool } from '../../model/fleet.js';
import type { HostUse, LookAtUse } from '../given/look-at-use.js';
import type { BlockChange } from '../own/own-blocks.js';
import type { Surroundings } from '../given/parts.js';
import type { ReconcileParts } from './reconcile.js';

const dayMs = 86_400_000;
/** Requests that began while a block was in force are over by then: their own limits are shorter. */
const drainMs = 600_000;
/** A host wants this part of its subnets free: one in five. */
const wantedFree = 5n;

export interface UpkeepParts extends ReconcileParts {
  readonly pools: readonly FleetPool[];
  readonly surroundings: Surroundings;
  readonly lookAtUse: LookAtUse;
}

interface Measure {
  readonly total: bigint;
  readonly free: bigint;
}

/** Grows and shrinks the blocks of this host by their use. */
export class Upkeep {
  /** When a block went out of force, on the monotonic clock; of a block of a former process, when this one saw it first. */
  readonly #releasing = new Map<string, number>();

  constructor(private readonly parts: UpkeepParts) {}

  /** Families of which the host should have one more block. */
  familiesToGrow(use: HostUse): readonly Family[] {
    const families = new Set(this.parts.pools.map(({ base }) => base.family));
    return [...families].filter((family) => {
      const own = this.parts.own.inForce.filter((block) => block.family === family && this.#isOfPool(block));
      if (own.length === 0) return true;
      // A block that the host itself has no use for, for its routes or reserved prefixes: a further one may be no better.
      if (own.some((block) => isUseless(block, use))) return false;
      const { total, free } = measure(own, use);
      return free * wantedFree < total;
    });
  }

  /** Notes which blocks are empty, takes those that have been so for a day out of force, and gives back those that are out of force long enough. */
  async shrink(use: HostUse): Promise<void> {
    await this.parts.keeper.alone(async () => {
      await this.#noteEmpty(use);
      await this.#takeOut(use);
    });
    await this.parts.keeper.alone(async () => await this.#giveBack());
  }

  async #noteEmpty(use: HostUse): Promise<void> {
    const { own, surroundings } = this.parts;
    const now = surroundings.time();
    const changes = own.blocks.flatMap(({ block, ...facts }): readonly BlockChange[] => {
      // A time to come is that of a clock which was wrong.
      const since = facts.emptySince !== undefined && facts.emptySince <= now ? facts.emptySince : now;
      const emptySince = use.isUsed(block) ? undefined : since;
      return facts.state !== 'own' || emptySince === facts.emptySince ? [] : [[block, { ...facts, emptySince }]];
    });
    if (changes.length > 0) await own.change(changes);
  }

  /** One empty block of a family stays, and a fifth of the rest has to be free, or the host would claim another at once. A block of no pool goes. */
  async #takeOut(use: HostUse): Promise<void> {
    const { own, surroundings, log } = this.parts;
    const today = surroundings.time().getTime();
    const isOld = (since: Date | undefined) => since !== undefined && today - since.getTime() >= dayMs;
    const old = own.blocks.filter(({ state, emptySince }) => state === 'own' && isOld(emptySince));
    for (const { block, ...facts } of old.toReversed()) {
      if (this.#isOfPool(block) && !isSpare(block, own.inForce, use)) continue;
      await own.change([[block, { ...facts, state: 'releasing' }]]);
      this.#releasing.set(formatCidr(block), surroundings.now());
      log.info({ block: formatCidr(block) }, 'a block was empty for a day and goes back to the fleet');
    }
  }

  async #giveBack(): Promise<void> {
    const { own, claimer, surroundings, lookAtUse } = this.parts;
    for (const { block, ...facts } of own.blocks.filter(({ state }) => state === 'releasing')) {
      const text = formatCidr(block);
      const since = this.#releasing.get(text) ?? surroundings.now();
      this.#releasing.set(text, since);
      if (surroundings.now() - since < drainMs) continue;
      this.#releasing.delete(text);
      // Other programs do not ask podnetd, so the look is the last thing before the block goes.
      if ((await lookAtUse()).isUsed(block)) {
        await own.change([[block, { ...facts, state: 'own', emptySince: undefined }]]);
        continue;
      }
      // The file first: a claim that it lacks is found again, and a block that the store lacks would be another host's soon.
      await own.change([[block, undefined]]);
      await claimer.release(block, this.parts.deadline());
    }
  }

  /** Whether it is a block of the settings, which may have changed since it was claimed. */
  #isOfPool(block: Cidr): boolean {
    return this.parts.pools.some(({ base, blockBits }) => block.prefixBits === blockBits && covers(base, block));
  }
}

function isSpare(block: Cidr, inForce: readonly Cidr[], use: HostUse): boolean {
  const rest = inForce.filter((each) => each.family === block.family && !isSameCidr(each, block));
  const { total, free } = measure(rest, use);
  return rest.some((each) => !use.isUsed(each)) && free * wantedFree >= total;
}

/** Of the pools that are own blocks. */
function measure(blocks: readonly Cidr[], { pools }: Pick<HostUse, 'pools'>): Measure {
  let [total, free] = [0n, 0n];
  for (const each of pools) {
    if (!blocks.some((block) => covers(block, each.pool.base))) continue;
    total += each.total;
    free += each.free;
  }
  return { total, free };
}

function isUseless(block: Cidr, use: HostUse): boolean {
  const { total, free } = measure([block], use);
  return total > 0n && free === 0n && !use.isUsed(block);
}
