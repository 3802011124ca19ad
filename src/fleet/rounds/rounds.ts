import type { Family } from '../../model/address.js';
import type { Membership, Vital } from '../claims/membership.js';
import type { HostUse } from '../given/look-at-use.js';
import type { FleetLog, Surroundings } from '../given/parts.js';
import type { WatchedStore } from '../store/watched-store.js';
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
/** By then each host that reaches the store has compared its claims with it. */
const holdMs = reconcileMs * (1 + jitter) + beatMs;

export interface RoundsParts extends UpkeepParts {
  readonly membership: Membership;
  readonly store: WatchedStore;
  readonly upkeep: Upkeep;
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
  /** How often the store was replaced. */
  #replacements = 0;
  /** {@link Rounds.#changes} when file and store were last compared. */
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

  /** How often claims may have gone from the store without this host: it was replaced, or this host was away for a time. */
  get #changes(): number {
    return this.#replacements + this.parts.membership.entries;
  }

  /** The store is another one, or an older one. */
  noteReplaced(): void {
    this.#replacements += 1;
    this.parts.keeper.hold(holdMs);
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
    const { upkeep, lookAtUse } = this.parts;
    let use: HostUse | undefined;
    // A fault of the folder must not end the heartbeat, and one of the name not keep blocks of others in force.
    await runEach([
      async () => void (use = await lookAtUse()),
      async () => await this.#beat(use),
      async () => await this.#reconcile(),
    ]);
    if (use === undefined) return;
    this.#adoption = await adopt(this.parts, use);
    for (const family of upkeep.familiesToGrow(use)) await this.parts.grow(family);
    await upkeep.shrink(use);
  }

  async #beat(use: HostUse | undefined): Promise<void> {
    const { membership, keeper, surroundings } = this.parts;
    const now = surroundings.now();
    if (now < this.#beatAt) return;
    await keeper.alone(async () => await membership.beat(use && vitalOf(use), this.parts.deadline()));
    // Each round that comes by its own time has a heartbeat, and of the hurried ones few.
    this.#beatAt = now + beatMs / 2;
  }

  async #reconcile(): Promise<void> {
    const now = this.parts.surroundings.now();
    if (now < this.#reconcileAt && this.#compared === this.#changes) return;
    // A store that is replaced in the middle is compared again.
    const replacements = this.#replacements;
    await reconcile(this.parts);
    this.#reconcileAt = now + this.#spread(reconcileMs);
    this.#compared = replacements + this.parts.membership.entries;
  }

  #retryMs(): number {
    return this.parts.surroundings.random() * Math.min(firstRetryMs * 2 ** this.#failures, beatMs);
  }

  #spread(ms: number): number {
    return ms * (1 + jitter * (2 * this.parts.surroundings.random() - 1));
  }
}

/** Runs work of which none keeps the next from being run. @throws what the first threw that failed */
async function runEach(works: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const work of works) await work().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function vitalOf({ networks, pools }: HostUse): Vital {
  return { networks, blocks: pools.map(({ pool, free }) => ({ block: pool.base, free })) };
}
