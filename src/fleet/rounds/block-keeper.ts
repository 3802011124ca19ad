import { blocksOver } from '../../ip/blocks.js';
import { formatCidr } from '../../ip/cidr.js';
import type { Cidr, Family } from '../../model/address.js';
import type { FleetPool } from '../../model/fleet.js';
import { KeyedQueue } from '../../model/keyed-queue.js';
import type { Claimer } from '../claims/claimer.js';
import { outcomeOf } from '../claims/claim-outcome.js';
import { findFreeBlocks } from '../claims/free-blocks.js';
import type { ClaimOutcome, NoBlock, PeekOutcome } from '../claims/outcomes.js';
import type { Acknowledgement, OwnBlocks } from '../own/own-blocks.js';
import type { Surroundings } from '../parts.js';
import { StoreError, type ClaimStore } from '../store/claim-store.js';
import type { Keys } from '../store/keys.js';

/** Blocks that are claimed for one subnet at most. */
const mostBlocks = 16;
/** Lost races and pages of free blocks before a claim gives up. */
const mostTries = 24;

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

  async grow(family: Family, deadline: number): Promise<ClaimOutcome> {
    return await this.#counted(async () => await this.#grow(family, deadline));
  }

  /** Claims the blocks that cover a subnet and are not in force; all or none. */
  async claimFor(subnet: Cidr, deadline: number): Promise<ClaimOutcome> {
    return await this.#counted(async () => {
      const missing = this.#missingFor(subnet);
      return missing.length === 0 ? { kind: 'claimed', blocks: [] } : await this.#claim(missing, deadline);
    });
  }

  async findGrowth(family: Family, deadline: number): Promise<PeekOutcome> {
    return await this.#settled(async () => {
      for (const pool of this.#poolsOf(family)) {
        const block = this.#choose(await this.#findFree(pool, deadline));
        if (block !== undefined) return { kind: 'free', blocks: [block] };
      }
      return this.#full(family);
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

  async #grow(family: Family, deadline: number): Promise<ClaimOutcome> {
    return await this.#inTime(deadline, async () => {
      let tries = 0;
      for (const pool of this.#poolsOf(family)) {
        for (;;) {
          let free = await this.#findFree(pool, deadline);
          if (free.length === 0) break;
          for (let block = this.#choose(free); block !== undefined; block = this.#choose(free)) {
            const outcome = await this.claimAlone([block], deadline);
            if (outcome.kind !== 'owned') return outcome;
            this.#count('lost-race');
            if ((tries += 1) >= mostTries)
              throw new StoreError('unreachable', 'other hosts take each free block first');
            const lost = block;
            free = free.filter((each) => each !== lost);
          }
        }
      }
      return this.#full(family);
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
    const { now, after } = this.parts.surroundings;
    let cancel = (): void => undefined;
    const over = new Promise<ClaimOutcome>((resolve) => {
      const reason = () => this.parts.store.state.error ?? 'another claim of this host is still under way';
      cancel = after(Math.max(deadline - now(), 0), () => resolve({ kind: 'unreachable', reason: reason() }));
    });
    const work = this.alone(async () => {
      if (now() >= deadline) return await over;
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

  async #findFree(pool: FleetPool, deadline: number): Promise<readonly Cidr[]> {
    const { store, keys, surroundings } = this.parts;
    return await findFreeBlocks(store, keys, pool, deadline, () => surroundings.random());
  }

  #choose(free: readonly Cidr[]): Cidr | undefined {
    return free[Math.floor(this.parts.surroundings.random() * free.length)];
  }

  #poolsOf(family: Family): readonly FleetPool[] {
    return this.parts.pools.filter(({ base }) => base.family === family);
  }

  #full(family: Family): NoBlock {
    return { kind: 'full', pools: this.#poolsOf(family).map(({ base }) => base) };
  }
}
