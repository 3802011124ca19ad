import type { FleetProblem } from '../../model/fleet.js';
import type { HostIdentity, Surroundings } from '../given/parts.js';
import { StoreError, type ClaimStore, type Condition, type Step, type StepAnswer } from '../store/claim-store.js';
import type { Keys } from '../store/keys.js';
import { readAlive, writeAlive, writeId, type AliveValue } from '../store/values.js';
import { agreeOnLayout } from './layout.js';

/** How long a host counts as alive without a sign of life. */
const leaseSeconds = 180;
/** How old the time in `hosts/<host>/id` may be: by it a fleet knows when a host that is gone was seen last. */
const idMs = 3_600_000;
const mostTries = 4;

/** What a heartbeat shows besides who it is of. */
export type Vital = Pick<AliveValue, 'networks' | 'blocks'>;

/**
 * This host's place in the fleet: its name, its heartbeat, and the pools. Each claim has the conditions that these stand, so a machine that lost its name to
 * another claims nothing, however late its requests come. One call is under way at a time.
 */
export class Membership {
  #id: string | undefined;
  #alive: string | undefined;
  #layout: string | undefined;
  #lease: string | undefined;
  #idAt = 0;
  #entries = 0;
  #hasLeft = false;
  #vital: Vital = { networks: 0, blocks: [] };
  #shown = '';
  #problem: FleetProblem | undefined;

  constructor(
    private readonly store: ClaimStore,
    private readonly keys: Keys,
    private readonly self: HostIdentity,
    private readonly surroundings: Surroundings,
    /** Makes the instance outlive this process. @throws Error of node:fs */
    private readonly prepare: () => Promise<void>,
  ) {}

  /** How often this process took its place: anew after its heartbeat was lost, or its name was given back for it. */
  get entries(): number {
    return this.#entries;
  }

  get problem(): FleetProblem | undefined {
    return this.#problem;
  }

  /** What has to stand for a claim of this host. @throws StoreError, also where another machine has the name, or the pools contradict */
  async conditions(deadline: number): Promise<readonly Condition[]> {
    if (this.#id === undefined) await this.#enter(deadline);
    if (this.#layout === undefined) await this.#agree(deadline);
    return [
      { key: this.keys.hostId(this.self.host), value: this.#id },
      { key: this.keys.layout, value: this.#layout },
    ];
  }

  /** Reads that show what {@link Membership.conditions} are about; see {@link Membership.check}. */
  get reads(): readonly Step[] {
    return [
      { kind: 'read', key: this.keys.hostId(this.self.host) },
      { kind: 'read', key: this.keys.layout },
    ];
  }

  /** Forgets what does not stand any more, so that the next conditions are made anew. @param answers of {@link Membership.reads} */
  check([id, layout]: readonly StepAnswer[]): void {
    if (valueOf(id) !== this.#id) this.#id = undefined;
    if (valueOf(layout) !== this.#layout) this.#layout = undefined;
  }

  /** Looks whether name, heartbeat and pools stand, and makes anew what does not. @throws as {@link Membership.conditions} */
  async verify(deadline: number): Promise<void> {
    const alive: Step = { kind: 'read', key: this.keys.alive(this.self.host) };
    const { steps } = await this.store.run({ success: [...this.reads, alive] }, deadline);
    this.check(steps);
    if (valueOf(steps[2]) !== this.#alive) this.#id = undefined;
    await this.conditions(deadline);
  }

  /** Keeps the heartbeat alive, and shows what has changed. @param vital undefined where it is not known @throws as {@link Membership.conditions} */
  async beat(vital: Vital | undefined, deadline: number): Promise<void> {
    this.#vital = vital ?? this.#vital;
    await this.conditions(deadline);
    if (this.#lease === undefined || !(await this.store.keepLease(this.#lease, deadline)).isAlive) {
      this.#id = this.#lease = undefined;
      await this.#enter(deadline);
      return;
    }
    const isOld = this.surroundings.now() - this.#idAt > idMs;
    if (describe(this.#vital) !== this.#shown || isOld) await this.#show(isOld, deadline);
  }

  /** Ends the heartbeat; the claims stay. @throws StoreError */
  async leave(deadline: number): Promise<void> {
    const lease = this.#lease;
    this.#hasLeft = true;
    this.#lease = this.#id = undefined;
    if (lease !== undefined) await this.store.endLease(lease, deadline);
  }

  /** Takes the name and sets the heartbeat in one transaction, so that of two machines one gets it. */
  async #enter(deadline: number): Promise<void> {
    await this.prepare();
    const { host, session } = this.self;
    const [idKey, aliveKey] = [this.keys.hostId(host), this.keys.alive(host)];
    const reads: readonly Step[] = [idKey, aliveKey].map((key) => ({ kind: 'read', key }));
    let { steps } = await this.store.run({ success: reads }, deadline);
    for (let tries = 0; tries < mostTries; tries += 1) {
      const [idSeen, aliveSeen] = steps.map(valueOf);
      if (aliveSeen !== undefined) this.#refuseOther(aliveSeen);
      // Its lease may be gone with it; one that is not ends by itself.
      else this.#lease = undefined;
      this.#lease ??= await this.store.grantLease(leaseSeconds, deadline);
      if (this.#hasLeft) throw new StoreError('refused', 'this podnetd is ending');
      const [id, alive] = [this.#makeId(), this.#makeAlive()];
      const answer = await this.#put(
        {
          when: [
            { key: idKey, value: idSeen },
            { key: aliveKey, value: aliveSeen },
          ],
          success: [
            { kind: 'put', key: idKey, value: id },
            { kind: 'put', key: aliveKey, value: alive, lease: this.#lease },
          ],
          failure: reads,
        },
        deadline,
      );
      if (answer.isMet || (valueOf(answer.steps[0]) === id && valueOf(answer.steps[1]) === alive)) {
        this.#note(id, alive);
        this.#entries += 1;
        if (this.#problem?.code === 'host-twice') this.#problem = undefined;
        return;
      }
      steps = answer.steps;
    }
    throw new StoreError('unreachable', `the name ${host}, session ${session}, changes hands all the time`);
  }

  /** @throws StoreError unless the heartbeat is this process's, or that of a former process of this very machine and file */
  #refuseOther(aliveSeen: string): void {
    const alive = readAlive(aliveSeen);
    const { session, bootId, instance, host } = this.self;
    if (alive.session === session) return;
    // This process has the lock on the file, so that one is dead; but one that came after this process has a copy of the file.
    if (alive.bootId === bootId && alive.instance === instance && this.#entries === 0) return;
    const since = alive.time === undefined ? '' : `, heard of at ${alive.time.toISOString()}`;
    const reason =
      `another machine uses the host name ${host} (instance ${alive.instance}${since}), so this one claims nothing; give each a host of its own in [fleet] ` +
      `of podnetd.toml, or wait three minutes where that machine is gone`;
    this.#problem = { code: 'host-twice', reason };
    throw new StoreError('refused', reason);
  }

  async #show(isOld: boolean, deadline: number): Promise<void> {
    const { host } = this.self;
    const [idKey, aliveKey] = [this.keys.hostId(host), this.keys.alive(host)];
    const alive = this.#makeAlive();
    const id = isOld || this.#id === undefined ? this.#makeId() : this.#id;
    const answer = await this.#put(
      {
        when: [
          { key: idKey, value: this.#id },
          { key: aliveKey, value: this.#alive },
        ],
        success: [
          { kind: 'put', key: aliveKey, value: alive, ...(this.#lease !== undefined && { lease: this.#lease }) },
          ...(id === this.#id ? [] : [{ kind: 'put', key: idKey, value: id } as const]),
        ],
        failure: [
          { kind: 'read', key: idKey },
          { kind: 'read', key: aliveKey },
        ],
      },
      deadline,
    );
    if (answer.isMet || (valueOf(answer.steps[0]) === id && valueOf(answer.steps[1]) === alive)) this.#note(id, alive);
    else this.#id = undefined;
  }

  /** A put with a lease that is gone is refused; the next one gets another. */
  async #put(...asked: Parameters<ClaimStore['run']>): ReturnType<ClaimStore['run']> {
    try {
      return await this.store.run(...asked);
    } catch (error) {
      if (error instanceof StoreError && error.kind === 'refused') this.#lease = this.#id = undefined;
      throw error;
    }
  }

  #note(id: string, alive: string): void {
    if (id !== this.#id) this.#idAt = this.surroundings.now();
    this.#id = id;
    this.#alive = alive;
    this.#shown = describe(this.#vital);
  }

  async #agree(deadline: number): Promise<void> {
    const agreed = await agreeOnLayout(this.store, this.keys.layout, this.self.pools, deadline);
    if ('contradiction' in agreed) {
      this.#problem = { code: 'layout', reason: agreed.contradiction };
      throw new StoreError('refused', agreed.contradiction);
    }
    this.#layout = agreed.layout;
    if (this.#problem?.code === 'layout') this.#problem = undefined;
  }

  #makeId(): string {
    const { instance, name } = this.self;
    return writeId({ instance, name, time: this.surroundings.time() });
  }

  #makeAlive(): string {
    const { session, bootId, instance } = this.self;
    return writeAlive({ session, bootId, instance, ...this.#vital, time: this.surroundings.time() });
  }
}

function valueOf(answer: StepAnswer | undefined): string | undefined {
  return answer?.found[0]?.value;
}

function describe({ networks, blocks }: Vital): string {
  return `${networks} ${blocks.map(({ block, free }) => `${block.base}/${free}`).join(' ')}`;
}
