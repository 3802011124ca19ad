import assert from 'node:assert/strict';
import type { FleetEngine } from '../../../src/fleet/engine.js';
import { HostClaimsEngine } from '../../../src/fleet/host-claims-engine.js';
import { findHostToRelease } from '../../../src/fleet/host-release.js';
import type { FileContent } from '../../../src/fleet/own/file-content.js';
import { Keys } from '../../../src/fleet/store/keys.js';
import { readClaim } from '../../../src/fleet/store/values.js';
import { blockAt, countBlocks } from '../../../src/ip/blocks.js';
import { covers, formatCidr, makeCidr, overlaps, parseCidr } from '../../../src/ip/cidr.js';
import type { Cidr } from '../../../src/model/address.js';
import type { FleetPool } from '../../../src/model/fleet.js';
import { FakeStore } from './fake-store.js';
import { makeRandom, surround, VirtualTime } from './virtual-time.js';

const base = parseCidr('10.64.0.0/24')?.cidr as Cidr;
/** Eight blocks of four subnets: hosts meet. */
export const pool: FleetPool = { base, blockBits: 27, prefixBits: 29 };
const keys = new Keys('/podnetd');

interface Process {
  readonly engine: FleetEngine;
  isAlive: boolean;
}

export interface Host {
  readonly id: string;
  /** The durable file. */
  file: FileContent | undefined;
  process: Process | undefined;
  networks: { readonly name: string; readonly subnets: readonly Cidr[] }[];
  pools: readonly FleetPool[];
  /** Whether it reaches no store. */
  isCut: boolean;
  /** Whether no write of its file succeeds. */
  isFull: boolean;
  /** Whether no look at its networks succeeds. */
  isBlind: boolean;
  /** Called behind each look. */
  onLooked: () => void;
}

/** Hosts with engines over one store, all in virtual time. */
export class FleetWorld {
  readonly time = new VirtualTime();
  readonly store: FakeStore;
  readonly hosts: readonly Host[];
  /** Blocks of which the store lost a claim, by a restore or a release, since all hosts agreed with it. */
  readonly lost = new Set<string>();
  readonly #random: () => number;
  #made = 0;
  #isChanged = false;
  #saved: ReturnType<FakeStore['save']>;
  /** Claims that were granted in the whole run; for the tally. */
  claimed = 0;

  /** @param hosts their ids */
  constructor(seed: number, hosts: readonly string[]) {
    this.#random = makeRandom(seed);
    this.store = new FakeStore(this.time, this.#random);
    this.#saved = this.store.save();
    this.hosts = hosts.map((id) => ({
      id,
      file: undefined,
      process: undefined,
      networks: [],
      pools: [pool],
      isCut: false,
      isFull: false,
      isBlind: false,
      onLooked: () => undefined,
    }));
  }

  async advance(by: { readonly ms?: number; readonly events?: number }): Promise<void> {
    await this.time.advance(by, () => {
      if (this.#isChanged) this.check();
      this.#isChanged = false;
    });
  }

  start(host: Host): void {
    if (host.process !== undefined) return;
    const isAlive = () => process.isAlive;
    const content = host.file ?? {
      host: host.id,
      instance: `i${(this.#made += 1)}`,
      clusterId: undefined,
      revision: undefined,
      blocks: [],
    };
    const engine: FleetEngine = new HostClaimsEngine({
      identity: { host: host.id, name: host.id, session: `s${(this.#made += 1)}`, bootId: host.id, pools: host.pools },
      prefix: '/podnetd',
      file: {
        content,
        write: async (next) => {
          await this.time.sleep(this.#random() * 20);
          if (host.isFull) throw new Error('no space left on device');
          // A dead process writes nothing more, or has written just before it died.
          if (isAlive()) host.file = next;
          else await new Promise(() => undefined);
          await this.time.sleep(this.#random() * 5);
          if (!isAlive()) await new Promise(() => undefined);
        },
        close: () => undefined,
      },
      store: this.store.clientOf(isAlive, () => host.isCut),
      lookAtUse: async () => {
        if (host.isBlind) throw new Error('permission denied');
        const networks = [...host.networks];
        host.onLooked();
        return {
          networks: networks.length,
          strays: networks,
          isUsed: (prefix) => networks.some(({ subnets }) => subnets.some((subnet) => overlaps(subnet, prefix))),
          pools: engine.ownBlocks.map((block) => ({
            pool: { base: block },
            total: 4n,
            free: BigInt(freeIn(host, block).length),
          })),
        };
      },
      surroundings: surround(this.time, this.#random, isAlive),
      log: { info: () => undefined, warn: () => undefined },
    });
    const process: Process = { engine, isAlive: true };
    host.process = process;
    const known = new Set(engine.ownBlocks.map(formatCidr));
    engine.onChange((own) => {
      if (!isAlive()) return;
      this.#isChanged = true;
      for (const block of own) if (!known.has(formatCidr(block))) this.#checkNew(host, block);
      known.clear();
      for (const block of own) known.add(formatCidr(block));
    });
    this.#isChanged = true;
    engine.start();
  }

  kill(host: Host): void {
    if (host.process === undefined) return;
    host.process.isAlive = false;
    host.process = undefined;
  }

  async stop(host: Host): Promise<void> {
    const { process } = host;
    if (process === undefined) return;
    let isOver = false;
    void process.engine.stop().then(() => {
      isOver = true;
    });
    for (let tries = 0; !isOver && tries < 100; tries += 1) await this.advance({ events: 5 });
    this.kill(host);
  }

  /** Makes a network in a free subnet, with a claim where there is none. Goes on in the background. */
  create(host: Host): void {
    const { process } = host;
    if (process === undefined) return;
    const attempt = async (tries: number): Promise<void> => {
      if (!process.isAlive) return;
      const subnet = process.engine.ownBlocks.flatMap((block) => freeIn(host, block))[0];
      if (subnet !== undefined) this.#addNetwork(host, subnet);
      else if (tries < 3) {
        const outcome = await process.engine.grow(4, this.time.now + 2_000);
        if (outcome.kind === 'claimed') await attempt(tries + 1);
      }
    };
    void attempt(0);
  }

  /** Makes a network with a subnet by hand: by podnetd, which claims for it, or by another program, which asks nobody. */
  createAt(host: Host, index: number, isForeign: boolean): void {
    const subnet = makeCidr({ family: 4, value: blockAt(pool, BigInt(index)).base }, pool.prefixBits);
    const isTaken = () => host.networks.some(({ subnets: [each] }) => each !== undefined && overlaps(each, subnet));
    if (isTaken()) return;
    if (isForeign) {
      this.#addNetwork(host, subnet);
      return;
    }
    const { process } = host;
    void process?.engine.claimFor(subnet, this.time.now + 2_000).then(() => {
      const isOwn = process.engine.ownBlocks.some((block) => covers(block, subnet));
      if (process.isAlive && isOwn && !isTaken()) this.#addNetwork(host, subnet);
    });
  }

  remove(host: Host, at: number): void {
    host.networks.splice(at % Math.max(host.networks.length, 1), 1);
    host.process?.engine.networksChanged();
  }

  releaseHost(host: Host): void {
    const before = this.claims();
    void findHostToRelease(
      this.store.clientOf(() => true),
      keys,
      host.id,
    )
      .then(async (found) => await found.release())
      .catch(() => undefined)
      .finally(() => this.#noteLost(before));
    // A host that is gone for good, as whoever releases it says, comes back without its file; this one may come back with it.
    for (const [block, owner] of before) if (owner === host.id) this.lost.add(block);
  }

  save(): void {
    this.#saved = this.store.save();
  }

  restore(isOtherCluster: boolean): void {
    const before = this.claims();
    this.store.restore(this.#saved, isOtherCluster ? `c${(this.#made += 1)}` : undefined);
    this.#noteLost(before);
  }

  /** Two hosts never have one block in force, unless the store lost the claim of one. */
  check(): void {
    assert.deepEqual(this.#faults, []);
    for (const [text, holders] of this.holders())
      assert.ok(holders.length < 2 || this.lost.has(text), `${holders.join(' and ')} have ${text} in force`);
  }

  /** Hosts by the block that they have in force. */
  holders(): ReadonlyMap<string, readonly string[]> {
    const holders = new Map<string, string[]>();
    for (const { id, process } of this.hosts)
      for (const block of process?.engine.ownBlocks ?? [])
        holders.set(formatCidr(block), [...(holders.get(formatCidr(block)) ?? []), id]);
    return holders;
  }

  /** Lets all hosts come back and agree, without faults. */
  async comeToRest(): Promise<void> {
    this.store.faults = 0;
    this.store.isDown = false;
    for (const host of this.hosts) this.start(host);
    await this.advance({ ms: 900_000 });
    this.lost.clear();
    this.check();
    this.#checkStore();
    this.#checkCollisions();
  }

  /** After days without a network each host has one block, and the store has no other claim. */
  async checkNothingLeaks(): Promise<void> {
    for (const host of this.hosts) host.networks = [];
    for (let hours = 0; hours < 50; hours += 1) await this.advance({ ms: 3_600_000 });
    this.#checkStore();
    const claims = [...this.claims().values()];
    for (const { id } of this.hosts) {
      const count = claims.filter((owner) => owner === id).length;
      assert.equal(count, 1, `${id} has ${count} blocks`);
    }
  }

  #addNetwork(host: Host, subnet: Cidr): void {
    host.networks.push({ name: `n${(this.#made += 1)}`, subnets: [subnet] });
    host.process?.engine.networksChanged();
  }

  /** Of listeners, which must not throw. */
  readonly #faults: string[] = [];

  #checkNew(host: Host, block: Cidr): void {
    const text = formatCidr(block);
    this.claimed += 1;
    if (host.file?.blocks.some((each) => formatCidr(each.block) === text && each.state === 'own') !== true)
      this.#faults.push(`${host.id} has ${text} in force before its file has it`);
    const owner = this.claims().get(text);
    if (owner !== host.id && !this.lost.has(text))
      this.#faults.push(`${host.id} has ${text} in force, and the store has ${owner}`);
  }

  #noteLost(before: ReadonlyMap<string, string>): void {
    const now = this.claims();
    for (const [block, owner] of before) if (now.get(block) !== owner) this.lost.add(block);
    for (const { id, file } of this.hosts)
      for (const { block } of file?.blocks ?? [])
        if (now.get(formatCidr(block)) !== id) this.lost.add(formatCidr(block));
  }

  /** Hosts by the blocks that the store has for them. */
  claims(): ReadonlyMap<string, string> {
    return new Map(
      this.store.list('/podnetd/v1/blocks/').map(([, value]) => {
        const { block, host } = readClaim(value);
        return [block === undefined ? value : formatCidr(block), host] as const;
      }),
    );
  }

  /** File, store and second keys agree. */
  #checkStore(): void {
    const claims = this.claims();
    for (const { id, file, process } of this.hosts) {
      const inStore = [...claims].filter(([, owner]) => owner === id).map(([block]) => block);
      const inFile = file?.blocks.filter(({ state }) => state !== 'lost').map(({ block }) => formatCidr(block)) ?? [];
      assert.deepEqual(inFile.toSorted(), inStore.toSorted(), `${id}: file and store`);
      const second = this.store.list(`/podnetd/v1/hosts/${id}/blocks/`).map(([, value]) => readClaim(value).block);
      assert.deepEqual(
        second.map((block) => (block === undefined ? '' : formatCidr(block))).toSorted(),
        inStore.toSorted(),
        `${id}: second keys`,
      );
      assert.deepEqual(process?.engine.state.problems, [], `${id}: problems`);
    }
  }

  /** Each network in another's block is a collision, and nothing else is. */
  #checkCollisions(): void {
    const claims = this.claims();
    for (const { id, networks, process } of this.hosts) {
      const expected = networks.flatMap(({ name, subnets }) =>
        allBlocks
          .filter((block) => subnets.some((subnet) => overlaps(block, subnet)) && claims.get(formatCidr(block)) !== id)
          .map((block) => `${name} ${formatCidr(block)} ${claims.get(formatCidr(block))}`),
      );
      const found = process?.engine.state.collisions.map(
        ({ network, block, owner }) => `${network} ${formatCidr(block)} ${owner}`,
      );
      assert.deepEqual(found?.toSorted(), expected.toSorted(), `${id}: collisions`);
    }
  }
}

const allBlocks = Array.from({ length: Number(countBlocks(pool)) }, (_, at) => blockAt(pool, BigInt(at)));

function freeIn({ networks }: Host, block: Cidr): readonly Cidr[] {
  const subnets = Array.from({ length: 4 }, (_, at) =>
    blockAt({ base: block, blockBits: block.prefixBits + 2 }, BigInt(at)),
  );
  return subnets.filter((subnet) => !networks.some((each) => each.subnets.some((other) => overlaps(other, subnet))));
}
