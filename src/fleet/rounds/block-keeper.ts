import { blocksOver } from '../../ip/blocks.js';
import { formatCidr, isSameCidr } from '../../ip/cidr.js';
import type { Cidr, Family } from '../../model/address.js';
import { mostBlocksOfSubnet, type FleetPool } from '../../model/fleet.js';
import { KeyedQueue } from '../../model/keyed-queue.js';
import type { Claimer } from '../claims/claimer.js';
import { outcomeOf } from './claim-outcome.js';
import { findFreeBlocks } from '../claims/free-blocks.js';
import type { ClaimOutcome, NoBlock, PeekOutcome } from '../claims/outcomes.js';
import type { OwnBlocks } from '../own/own-blocks.js';
import type { Surroundings } from '../given/parts.js';
import { StoreError, type ClaimStore } from '../store/claim-store.js';
import type { Keys } from '../store/keys.js';

/** Of how many free blocks one is taken. */
const fewestCandidates = 100;
const mostCandidates = 6_400;
const mostRaces = 64;

export interface KeeperParts {
  readonly store: ClaimStore;
  readonly keys: Keys;
  readonly pools: readonly FleetPool[];
  readonly claimer: Claimer;
  readonly own: OwnBlocks;
  readonly surroundings: Surroundings;
  readonly counts: Map<ClaimOutcome['kind'] | 'lost-race', number>;
}

/** Claims blocks, and puts them into the file and in force. One change of claims is under way at a time. */
export class BlockKeeper {
  readonly #lane = new KeyedQueue();
  readonly #growing = new Map<string, Promise<ClaimOutcome>>();
  #heldUntil = -Infinity;

  constructor(private readonly parts: KeeperParts) {}

  /** Runs work that changes claims alone, behind other such work. @throws whatever `act` throws */
  async alone<T>(act: () => Promise<T>): Promise<T> {
    return await this.#lane.run('claims', act);
  }

  /** Claims no new block for so long; those that this host has had may be claimed again. */
  hold(ms: number): void {
    this.#heldUntil = this.parts.surroundings.now() + ms;
  }

  /**
   * Calls side by side share a claim, and each waits for it until its own deadline.
   *
   * @param within bases of the pools that are considered; all of the family where it is left out
   */
  async grow(family: Family, deadline: number, within?: readonly Cidr[]): Promise<ClaimOutcome> {
    const pools = this.#poolsOf(family, within);
    const key = [family, ...pools.map(({ base }) => formatCidr(base))].join(' ');
    for (;;) {
      const shared = this.#growing.get(key);
      if (shared === undefined) return await this.#growAlone(key, pools, deadline);
      const outcome = await this.#inTime(deadline, shared);
      if (outcome.kind !== 'unreachable' || this.parts.surroundings.now() >= deadline) return outcome;
    }
  }

  async #growAlone(key: string, pools: readonly FleetPool[], deadline: number): Promise<ClaimOutcome> {
    const growing = this.#counted(async () => await this.#grow(pools, deadline)).finally(
      () => void this.#growing.delete(key),
    );
    this.#growing.set(key, growing);
    return await growing;
  }

  /** Claims the blocks that cover a subnet and are not in force; all or none. */
  async claimFor(subnet: Cidr, deadline: number): Promise<ClaimOutcome> {
    return await this.#counted(async () => {
      const missing = this.#missingFor(subnet);
      if (missing.length === 0) return { kind: 'claimed', blocks: [] };
      // The look shows an older store before the claim is in it.
      const claim = async () => (await this.#findOwned(missing, deadline)) ?? (await this.claimNew(missing, deadline));
      return await this.#alone(deadline, claim);
    });
  }

  async findGrowth(family: Family, deadline: number, within?: readonly Cidr[]): Promise<PeekOutcome> {
    const pools = this.#poolsOf(family, within);
    return await this.#settled(async () => {
      for (const pool of pools) {
        const block = await this.#findFree(pool, 0, deadline);
        if (block !== undefined) return { kind: 'free', blocks: [block] };
      }
      return full(pools);
    });
  }

  async findFor(subnet: Cidr, deadline: number): Promise<PeekOutcome> {
    return await this.#settled(async () => {
      const missing = this.#missingFor(subnet);
      return (await this.#findOwned(missing, deadline)) ?? { kind: 'free', blocks: missing };
    });
  }

  /** Claims a block that this host did not have, as {@link BlockKeeper.claimAlone} does. @throws StoreError, FleetFileError */
  async claimNew(blocks: readonly Cidr[], deadline: number): Promise<ClaimOutcome> {
    const ms = this.#heldUntil - this.parts.surroundings.now();
    if (ms <= 0) return await this.claimAlone(blocks, deadline);
    const reason =
      'the store of the fleet is another one or an older copy; this host claims no further block until the others have ' +
      `claimed theirs again, for ${Math.ceil(ms / 1_000)} s`;
    return { kind: 'refused', reason };
  }

  /** Claims blocks and puts them in force; for work that runs {@link BlockKeeper.alone}. @throws StoreError, FleetFileError */
  async claimAlone(blocks: readonly Cidr[], deadline: number): Promise<ClaimOutcome> {
    const { claimer, own, surroundings } = this.parts;
    const claimed = await claimer.claim(blocks, deadline);
    if (claimed.kind === 'owned') return claimed;
    const facts = { state: 'own', claimedAt: surroundings.time(), emptySince: undefined } as const;
    await own.change(
      blocks.map((block) => [block, facts]),
      claimed.acknowledged,
    );
    return { kind: 'claimed', blocks };
  }

  async #findOwned(blocks: readonly Cidr[], deadline: number): Promise<NoBlock | undefined> {
    const { claimer } = this.parts;
    const claims = await claimer.read(blocks, deadline);
    for (const [at, block] of blocks.entries()) {
      const owner = claimer.ownerOf(claims[at]);
      if (owner !== undefined) return { kind: 'owned', block, owner };
    }
    return undefined;
  }

  async #grow(pools: readonly FleetPool[], deadline: number): Promise<ClaimOutcome> {
    return await this.#alone(deadline, async () => {
      let races = 0;
      for (const pool of pools) {
        for (;;) {
          const block = await this.#findFree(pool, races, deadline);
          if (block === undefined) break;
          const outcome = await this.claimNew([block], deadline);
          if (outcome.kind !== 'owned') return outcome;
          this.#count('lost-race');
          races += 1;
          if (races >= mostRaces) throw new StoreError('unreachable', 'other hosts take each free block first');
        }
      }
      return full(pools);
    });
  }

  /** Runs work alone, and stops waiting for it at the deadline; the work goes on and keeps what it gets. */
  async #alone(deadline: number, act: () => Promise<ClaimOutcome>): Promise<ClaimOutcome> {
    const isLate = () => this.parts.surroundings.now() >= deadline;
    const work = this.alone(async () => (isLate() ? this.#late() : await act()));
    return await this.#inTime(deadline, work);
  }

  async #inTime(deadline: number, work: Promise<ClaimOutcome>): Promise<ClaimOutcome> {
    const { surroundings } = this.parts;
    let cancel = (): void => undefined;
    const over = new Promise<ClaimOutcome>((resolve) => {
      cancel = surroundings.after(Math.max(deadline - surroundings.now(), 0), () => resolve(this.#late()));
    });
    try {
      return await Promise.race([work, over]);
    } finally {
      cancel();
    }
  }

  #late(): NoBlock {
    const reason = this.parts.store.state.error ?? 'no answer in time';
    return { kind: 'unreachable', reason };
  }

  async #counted(act: () => Promise<ClaimOutcome>): Promise<ClaimOutcome> {
    const outcome = await this.#settled(act);
    this.#count(outcome.kind);
    return outcome;
  }

  async #settled<T>(act: () => Promise<T>): Promise<T | NoBlock> {
    try {
      return await act();
    } catch (error) {
      return outcomeOf(error);
    }
  }

  #count(kind: ClaimOutcome['kind'] | 'lost-race'): void {
    this.parts.counts.set(kind, (this.parts.counts.get(kind) ?? 0) + 1);
  }

  /** The blocks that a subnet needs and that are not in force. @throws StoreError where they are too many */
  #missingFor(subnet: Cidr): readonly Cidr[] {
    const inForce = new Set(this.parts.own.inForce.map(formatCidr));
    const missing: Cidr[] = [];
    for (const pool of this.#poolsOf(subnet.family)) {
      const blocks = blocksOver(pool, subnet, mostBlocksOfSubnet);
      if (blocks === undefined)
        throw new StoreError('refused', `${formatCidr(subnet)} overlaps more than ${mostBlocksOfSubnet} blocks`);
      missing.push(...blocks.filter((block) => !inForce.has(formatCidr(block))));
    }
    return missing;
  }

  /**
   * One of the lowest free blocks, by chance: hosts that start together must not all want the same one. With each lost race more of them are
   * candidates.
   */
  async #findFree(pool: FleetPool, races: number, deadline: number): Promise<Cidr | undefined> {
    const { store, keys, surroundings } = this.parts;
    const random = () => surroundings.random();
    const wanted = Math.min(fewestCandidates * 4 ** races, mostCandidates);
    const free = await findFreeBlocks(store, keys, pool, wanted, deadline, random);
    return free[Math.floor(random() * free.length)];
  }

  #poolsOf(family: Family, within?: readonly Cidr[]): readonly FleetPool[] {
    const isWithin = (base: Cidr) => within === undefined || within.some((one) => isSameCidr(one, base));
    return this.parts.pools.filter(({ base }) => base.family === family && isWithin(base));
  }
}

function full(pools: readonly FleetPool[]): NoBlock {
  return { kind: 'full', pools: pools.map(({ base }) => base) };
}
