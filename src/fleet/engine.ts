import type { Cidr, Family } from '../model/address.js';
import type { FleetReport, FleetState } from '../model/fleet.js';
import type { ClaimOutcome, PeekOutcome } from './claims/outcomes.js';

/**
 * Claims blocks of the fleet's pools for this host, and keeps those that it has. Deadlines are milliseconds on the clock of `performance.now()`.
 * No method throws, but {@link FleetEngine.start} may not be called twice.
 */
export interface FleetEngine {
  /** Begins the rounds in the background; it waits for nothing. */
  start(): void;
  /** Ends the rounds and the heartbeat. Claims stay. It waits a second for the store at most. */
  stop(): Promise<void>;
  /** The blocks in force, sorted: each is in the durable file, and the store has acknowledged it. */
  readonly ownBlocks: readonly Cidr[];
  /** @param listener is called at each change of {@link FleetEngine.ownBlocks}, before the call that made it resolves */
  onChange(listener: (own: readonly Cidr[]) => void): void;
  /**
   * Claims one more block of a pool of the family. Calls side by side share a claim. `claimed` blocks are in force.
   *
   * @param within bases of the pools whose blocks are large enough; all of the family where it is left out
   */
  grow(family: Family, deadline: number, within?: readonly Cidr[]): Promise<ClaimOutcome>;
  /** Claims all blocks that cover a subnet, or none. */
  claimFor(subnet: Cidr, deadline: number): Promise<ClaimOutcome>;
  /** The block that {@link FleetEngine.grow} would claim, found by reads alone. */
  findGrowth(family: Family, deadline: number, within?: readonly Cidr[]): Promise<PeekOutcome>;
  /** As {@link FleetEngine.claimFor}, by reads alone. */
  findFor(subnet: Cidr, deadline: number): Promise<PeekOutcome>;
  /** Networks of the host may have changed: a look at their use and at the blocks that they overlap follows soon. */
  networksChanged(): void;
  /** The whole fleet, within two seconds; without the store, what this host knows. @param limit number of hosts at most */
  report(limit: number): Promise<FleetReport>;
  /** What this host knows, without a question to anyone. */
  readonly state: FleetState;
  readonly counts: FleetCounts;
}

/** Counted since the start. */
export interface FleetCounts {
  /** Claims by outcome, besides `lost-race`, which another try follows. */
  readonly claims: ReadonlyMap<ClaimOutcome['kind'] | 'lost-race', number>;
  /** Requests to the store by HTTP status, or `none` where no answer came. */
  readonly requests: ReadonlyMap<string, number>;
}
