import { comparePrefixes } from '../ip/cidr.js';
import type { Cidr, Family } from '../model/address.js';
import type { FleetPool, FleetProblem, FleetReport, FleetState } from '../model/fleet.js';
import { countBlocks } from '../ip/blocks.js';
import { outcomeOf } from './rounds/claim-outcome.js';
import { Claimer } from './claims/claimer.js';
import { Membership } from './claims/membership.js';
import type { ClaimOutcome, PeekOutcome } from './claims/outcomes.js';
import type { FleetCounts, FleetEngine } from './engine.js';
import type { LookAtUse } from './given/look-at-use.js';
import type { FleetFile } from './own/fleet-file.js';
import { OwnBlocks } from './own/own-blocks.js';
import type { FleetLog, HostIdentity, Surroundings } from './given/parts.js';
import { reportMs, viewFleet } from './report.js';
import { BlockKeeper } from './rounds/block-keeper.js';
import { Rounds } from './rounds/rounds.js';
import { Upkeep } from './rounds/upkeep.js';
import type { ClaimStore } from './store/claim-store.js';
import { Keys } from './store/keys.js';
import { WatchedStore } from './store/watched-store.js';

/** How long work in the background waits for an answer, and the end for that of the heartbeat. */
const backgroundMs = 6_000;
const leaveMs = 1_000;

export interface EngineParts {
  readonly identity: Omit<HostIdentity, 'instance'>;
  /** What all keys begin with. */
  readonly prefix: string;
  readonly file: FleetFile;
  readonly store: ClaimStore;
  readonly lookAtUse: LookAtUse;
  readonly surroundings: Surroundings;
  readonly log: FleetLog;
}

/** See {@link FleetEngine}. */
export class HostClaimsEngine implements FleetEngine {
  readonly #self: HostIdentity;
  readonly #keys: Keys;
  readonly #store: WatchedStore;
  readonly #own: OwnBlocks;
  readonly #membership: Membership;
  readonly #keeper: BlockKeeper;
  readonly #rounds: Rounds;
  readonly #claims: Map<ClaimOutcome['kind'] | 'lost-race', number> = new Map();

  constructor(private readonly parts: EngineParts) {
    const { file, surroundings, log, lookAtUse, prefix } = parts;
    this.#own = new OwnBlocks(file);
    const own = this.#own;
    const self = (this.#self = { ...parts.identity, instance: own.instance });
    const keys = (this.#keys = new Keys(prefix));
    const { pools } = self;
    const store = (this.#store = new WatchedStore(parts.store, own.known, (reason) => {
      log.warn({ reason }, 'the store of the fleet is another one or an older copy; claims are compared with it');
      this.#rounds.noteReplaced();
    }));
    const membership = (this.#membership = new Membership(
      store,
      keys,
      self,
      surroundings,
      async () => await own.makeDurable(),
    ));
    const claimer = new Claimer(store, keys, self, membership, surroundings);
    const keeper = (this.#keeper = new BlockKeeper({
      store,
      keys,
      pools,
      claimer,
      own,
      surroundings,
      counts: this.#claims,
    }));
    const deadline = () => surroundings.now() + backgroundMs;
    const common = { keeper, claimer, membership, store, own, self, log, deadline, pools, surroundings, lookAtUse };
    const grow = async (family: Family) => void (await keeper.grow(family, deadline()));
    this.#rounds = new Rounds({ ...common, upkeep: new Upkeep(common), grow });
  }

  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    this.#rounds.end();
    await this.#membership.leave(this.parts.surroundings.now() + leaveMs).catch(() => undefined);
    this.#store.close();
    await this.#rounds.ended();
    await this.#keeper.alone(async () => undefined);
    this.parts.file.close();
  }

  get ownBlocks(): readonly Cidr[] {
    return this.#own.inForce;
  }

  onChange(listener: (own: readonly Cidr[]) => void): void {
    this.#own.onChange(listener);
  }

  async grow(family: Family, deadline: number, within?: readonly Cidr[]): Promise<ClaimOutcome> {
    return await this.#keeper.grow(family, deadline, within);
  }

  async claimFor(subnet: Cidr, deadline: number): Promise<ClaimOutcome> {
    return await this.#keeper.claimFor(subnet, deadline);
  }

  async findGrowth(family: Family, deadline: number, within?: readonly Cidr[]): Promise<PeekOutcome> {
    return await this.#keeper.findGrowth(family, deadline, within);
  }

  async findFor(subnet: Cidr, deadline: number): Promise<PeekOutcome> {
    return await this.#keeper.findFor(subnet, deadline);
  }

  networksChanged(): void {
    this.#rounds.hurry();
  }

  async report(limit: number): Promise<FleetReport> {
    const { pools } = this.#self;
    try {
      const deadline = this.parts.surroundings.now() + reportMs;
      const view = await viewFleet(this.#store, this.#keys, pools, limit, deadline);
      return { ...this.state, ...view };
    } catch (error) {
      outcomeOf(error);
      return { ...this.state, ...unseen(pools) };
    }
  }

  get state(): FleetState {
    const { endpoint, clusterId, error } = this.#store.state;
    const { host, name, pools } = this.#self;
    const { collisions } = this.#rounds.adoption;
    return {
      kind: 'store',
      host,
      name,
      pools,
      collisions,
      store: { isReachable: error === undefined, endpoint, clusterId, error },
      ownBlocks: this.#own.blocks
        .map(({ block, state, claimedAt }) => ({ block, state, claimedAt }))
        .toSorted((a, b) => comparePrefixes(a.block, b.block)),
      problems: this.#problems(error),
    };
  }

  get counts(): FleetCounts {
    return { claims: this.#claims, requests: this.#store.state.requests };
  }

  #problems(error: string | undefined): readonly FleetProblem[] {
    const { failure } = this.#own;
    return [
      ...(error === undefined ? [] : [{ code: 'store-unreachable', reason: error } as const]),
      ...(this.#membership.problem === undefined ? [] : [this.#membership.problem]),
      ...(failure === undefined ? [] : [{ code: 'file', reason: failure } as const]),
      ...this.#rounds.adoption.problems,
    ];
  }
}

/** The pools of a fleet whose store does not answer. */
export function unseen(pools: readonly FleetPool[]): Pick<FleetReport, 'pools' | 'hosts' | 'unlistedHosts'> {
  return {
    pools: pools.map((pool) => ({ ...pool, blocks: countBlocks(pool), claimed: undefined })),
    hosts: [],
    unlistedHosts: 0,
  };
}
