import { blocksOver } from '../../ip/blocks.js';
import { formatCidr, isSameCidr } from '../../ip/cidr.js';
import type { Cidr, Family } from '../../model/address.js';
import type { FleetPool } from '../../model/fleet.js';
import { KeyedQueue } from '../../model/keyed-queue.js';
import type { Claimer } from '../claims/claimer.js';
import { outcomeOf } from '../claims/claim-outcome.js';
import { findFreeBlocks } from '../claims/free-blocks.js';
import type { ClaimOutcome, NoBlock, PeekOutcome } from '../claims/outcomes.js';
import type { Acknowledgement, OwnBlocks } from '../own/own-blocks.js';
import type { Surroundings } from '../given/parts.js';
import { StoreError, type ClaimStore } from '../store/claim-store.js';
import type { Keys } from '../store/keys.js';

/** Blocks that are claimed for one subnet at most. */
const mostBlocks = 16;
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

  constructor(private readonly parts: KeeperParts) {}

  /** Runs work that changes claims alone, behind other such work. @throws whatever `act` throws */
  async alone<T>(act: () => Promise<T>): Promise<T> {
    return await this.#lane.run('claims', act);
  }

  /** @param within bases of the pools that are considered; all of the family where it is left out */
  async grow(family: Family, deadline: number, within?: readonly Cidr[]): Promise<ClaimOutcome> {
    return await this.#counted(async () => await this.#grow(this.#poolsOf(family, within), deadline));
  }

  /** Claims the blocks that cover a subnet and are not in force; all or none. */
  async claimFor(subnet: Cidr, deadline: number): Promise<ClaimOutcome> {
    return await this.#counted(async () => {
      const missing = this.#missingFor(subnet);
      return missing.length === 0 ? { kind: 'claimed', blocks: [] } : await this.#claim(missing, deadline);
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
      const claims = await this.parts.claimer.read(missing, deadline);
      for (const [at, block] of missing.entries()) {
        const owner = this.parts.claimer.ownerOf(claims[at]);
        if (owner !== undefined) return { kind: 'owned', block, owner };
      }
      return { kind: 'free', blocks: missing };
    });
  }

  /** Claims blocks and puts them in force; for work that runs {@link BlockKeeper.alone}. @throws StoreError */
  async claimAlone(blocks: readonly Cidr[], deadline: number): Promise<ClaimOutcome> {
    const claimed = await this.parts.claimer.claim(blocks, deadline);
    return claimed.kind === 'owned' ? claimed : await this.#putInForce(blocks, claimed.acknowledged);
  }

  async #claim(blocks: readonly Cidr[], deadline: number): Promise<ClaimOutcome> {
    return await this.#inTime(deadline, async () => await this.claimAlone(blocks, deadline));
  }

  async #grow(pools: readonly FleetPool[], deadline: number): Promise<ClaimOutcome> {
    return await this.#inTime(deadline, async () => {
      let races = 0;
      for (const pool of pools) {
        for (;;) {
          const block = await this.#findFree(pool, races, deadline);
          if (block === undefined) break;
          const outcome = await this.claimAlone([block], deadline);
          if (outcome.kind !== 'owned') return outcome;
          this.#count('lost-race');
          races += 1;
          if (races >= mostRaces) throw new StoreError('unreachable', 'other hosts take each free block first');
        }
      }
      return full(pools);
    });
  }

  async #putInForce(blocks: readonly Cidr[], acknowledged: Acknowledgement): Promise<ClaimOutcome> {
    const claimedAt = this.parts.surroundings.time();
    try {
      await this.parts.own.change(
        blocks.map((block) => [block, { state: 'own', claimedAt, emptySince: undefined }]),
        acknowledged,
      );
    } catch (error) {
      return { kind: 'refused', reason: `the file of own blocks cannot be written: ${(error as Error).message}` };
    }
    return { kind: 'claimed', blocks };
  }

  /** Runs work alone, and stops waiting for it at the deadline; the work goes on and keeps what it gets. */
  async #inTime(deadline: number, act: () => Promise<ClaimOutcome>): Promise<ClaimOutcome> {
    const { surroundings } = this.parts;
    let cancel = (): void => undefined;
    const over = new Promise<ClaimOutcome>((resolve) => {
      const reason = () => this.parts.store.state.error ?? 'another claim of this host is still under way';
      cancel = surroundings.after(Math.max(deadline - surroundings.now(), 0), () =>
        resolve({ kind: 'unreachable', reason: reason() }),
      );
    });
    const work = this.alone(async () => {
      if (surroundings.now() >= deadline) return await over;
      return await act();
    });
    try {
      return await Promise.race([work, over]);
    } finally {
      cancel();
      work.catch(() => undefined);
    }
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
      const blocks = blocksOver(pool, subnet, mostBlocks);
      if (blocks === undefined)
        throw new StoreError('refused', `${formatCidr(subnet)} overlaps more than ${mostBlocks} blocks`);
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
