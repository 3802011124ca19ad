import type { Family } from '../../model/address.js';
import type { Membership, Vital } from '../claims/membership.js';
import type { HostUse, LookAtUse } from '../given/look-at-use.js';
import type { FleetLog, Surroundings } from '../given/parts.js';
import { adopt, type Adoption } from './adopt.js';
import { reconcile } from './reconcile.js';
import type { Upkeep, UpkeepParts } from './upkeep.js';

/** Between heartbeats; the lease lives for three. */
const beatMs = 60_000;
const reconcileMs = 300_000;
/** Between looks at the use of addresses. */
const lookMs = 1_000;
const firstRetryMs = 1_000;
/** Each time is made longer or shorter by chance by a part of it, so that hosts that started together do not ask together. */
const jitter = 0.1;

export interface RoundsParts extends UpkeepParts {
  readonly membership: Membership;
  readonly upkeep: Upkeep;
  readonly lookAtUse: LookAtUse;
  readonly surroundings: Surroundings;
  readonly log: FleetLog;
  grow(family: Family): Promise<void>;
}

/** What a host does for its place in the fleet without being asked: heartbeat, reconciliation, adoption, growth, release. */
export class Rounds {
  #adoption: Adoption = { collisions: [], problems: [] };
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  /** When the timer fires; undefined while a round runs. */
  #at: number | undefined;
  #isHurried = false;
  /** How often the store was replaced, and how often when it was last compared with the file. */
  #replacements = 0;
  #compared = 0;
  #isStopped = false;
  #failures = 0;
  #beatAt = 0;
  #reconcileAt = 0;
  #reason = '';

  constructor(private readonly parts: RoundsParts) {}

  get adoption(): Adoption {
    return this.#adoption;
  }

  start(): void {
    this.#schedule(0);
  }

  /** Asks for a round within a second. While the store fails, the next try comes when it is due. */
  hurry(): void {
    if (this.#running !== undefined) this.#isHurried = true;
    else if (this.#failures === 0) this.#schedule(lookMs);
  }

  /** The store is another one, or an older one. */
  noteReplaced(): void {
    this.#replacements += 1;
    this.hurry();
  }

  /** Lets no further round begin. */
  end(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  /** Waits for the round that is under way. */
  async ended(): Promise<void> {
    await this.#running;
  }

  #schedule(ms: number): void {
    const { surroundings } = this.parts;
    const at = surroundings.now() + ms;
    if (this.#isStopped || (this.#at !== undefined && this.#at <= at)) return;
    this.#cancel?.();
    this.#at = at;
    this.#cancel = surroundings.after(ms, () => {
      this.#at = undefined;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        const next = this.#failures > 0 ? this.#retryMs() : this.#isHurried ? lookMs : this.#spread(beatMs);
        this.#isHurried = false;
        this.#schedule(next);
      });
    });
  }

  async #run(): Promise<void> {
    try {
      await this.#round();
      if (this.#failures > 0) this.parts.log.info({}, 'the fleet answers again');
      this.#failures = 0;
      this.#reason = '';
    } catch (error) {
      this.#failures += 1;
      const reason = error instanceof Error ? error.message : String(error);
      // Each reason once, and not each minute.
      if (reason !== this.#reason && !this.#isStopped)
        this.parts.log.warn(
          { reason },
          'podnetd cannot take care of its blocks of the fleet; those that it has stay in force',
        );
      this.#reason = reason;
    }
  }

  async #round(): Promise<void> {
    const { membership, upkeep, lookAtUse, surroundings } = this.parts;
    const now = surroundings.now();
    const use = await lookAtUse();
    if (now >= this.#beatAt) {
      await membership.beat(vitalOf(use), this.parts.deadline());
      // Each round that comes by its own time has a heartbeat, and of the hurried ones few.
      this.#beatAt = now + beatMs / 2;
    }
    if (now >= this.#reconcileAt || this.#compared < this.#replacements) {
      // One that is replaced in the middle is compared again.
      const replacements = this.#replacements;
      await membership.verify(this.parts.deadline());
      await reconcile(this.parts);
      this.#reconcileAt = now + this.#spread(reconcileMs);
      this.#compared = replacements;
    }
    this.#adoption = await adopt(this.parts, use);
    for (const family of upkeep.familiesToGrow(use)) await this.parts.grow(family);
    await upkeep.shrink(use);
  }

  #retryMs(): number {
    return this.parts.surroundings.random() * Math.min(firstRetryMs * 2 ** this.#failures, beatMs);
  }

  #spread(ms: number): number {
    return ms * (1 + jitter * (2 * this.parts.surroundings.random() - 1));
  }
}

function vitalOf({ networks, pools }: HostUse): Vital {
  return { networks, blocks: pools.map(({ pool, free }) => ({ block: pool.base, free })) };
}
