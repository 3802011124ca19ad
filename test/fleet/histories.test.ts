import t, { type Test } from 'tap';
import type { Transaction } from '../../src/fleet/store/claim-store.js';
import { blockAt } from '../../src/ip/blocks.js';
import { formatCidr, makeCidr } from '../../src/ip/cidr.js';
import type { Cidr } from '../../src/model/address.js';
import { FleetWorld, pool, type Host } from './model/fleet-world.js';

/** Directed histories, each of a moment at which a host could lose, leak or share a block. */

const minute = 60_000;
const hour = 60 * minute;
/** By then a host has compared its claims with the store. */
const compared = 6 * minute;

const block = (index: number): Cidr => blockAt(pool, BigInt(index));
const text = (index: number): string => formatCidr(block(index));
/** The first subnet of a block. */
const subnet = (index: number): Cidr => makeCidr({ family: 4, value: block(index).base }, pool.prefixBits);

const isClaim = ({ success }: Transaction) =>
  success.some(({ kind, key }) => kind === 'put' && key.includes('/blocks/'));
const isListing = ({ success }: Transaction) =>
  success.some(({ kind, key }) => kind === 'read' && key === '/podnetd/v1/hosts/a/blocks/');
const isRelease = ({ success }: Transaction) => success.some(({ kind }) => kind === 'delete');

interface Story {
  readonly world: FleetWorld;
  readonly a: Host;
  readonly b: Host;
}

/** Two hosts, of which the first is in with its first block. */
async function begin(ids: readonly [string, string] = ['a', 'b']): Promise<Story> {
  const world = new FleetWorld(1, ids);
  const [a, b] = world.hosts as [Host, Host];
  world.start(a);
  await world.advance({ ms: minute });
  return { world, a, b };
}

const own = ({ process }: Host): readonly string[] => process?.engine.ownBlocks.map(formatCidr) ?? [];

/** Waits for a call in virtual time. */
async function wait<T>(world: FleetWorld, call: Promise<T> | undefined): Promise<T> {
  if (call === undefined) throw new TypeError('the host does not run');
  let outcome: { readonly is: T } | undefined;
  let failure: unknown;
  call.then(
    (is) => (outcome = { is }),
    (error: unknown) => (failure = error),
  );
  for (let ms = 0; outcome === undefined && failure === undefined && ms < hour; ms += 10)
    await world.advance({ ms: 10 });
  if (outcome === undefined) throw failure ?? new Error('not within an hour');
  return outcome.is;
}

const claim = async ({ world }: Story, host: Host, index: number) =>
  await wait(world, host.process?.engine.claimFor(subnet(index), world.time.now + 2_000));
const grow = async ({ world }: Story, host: Host) =>
  await wait(world, host.process?.engine.grow(4, world.time.now + 2_000));

/** Starts the host with its block on the way back to the fleet, as a day without a network brings it there. */
async function giveBack({ world }: Story, host: Host, index: number, ms: number): Promise<void> {
  world.kill(host);
  if (host.file === undefined) throw new TypeError('no file');
  const blocks = host.file.blocks.map((each) =>
    formatCidr(each.block) === text(index) ? { ...each, state: 'releasing' as const } : each,
  );
  host.file = { ...host.file, blocks };
  world.start(host);
  await world.advance({ ms });
}

/** Claims a block for a host that is not its first one. */
async function takeAnother(t: Test, story: Story, host: Host): Promise<number> {
  const index = [0, 1, 2, 3, 4, 5, 6, 7].find((each) => !story.world.claims().has(text(each))) ?? -1;
  t.match(await claim(story, host, index), { kind: 'claimed' });
  return index;
}

t.test('of two hosts that want one block at once, one has it', async (t) => {
  const story = await begin();
  const { world, a, b } = story;
  world.start(b);
  await world.advance({ ms: minute });
  const index = [0, 1, 2].find((each) => !world.claims().has(text(each))) ?? -1;
  const both = [a, b].map((host) => host.process?.engine.claimFor(subnet(index), world.time.now + 2_000));
  const outcomes = [await wait(world, both[0]), await wait(world, both[1])].map(({ kind }) => kind);
  t.strictSame(outcomes.toSorted(), ['claimed', 'owned']);
  world.check();
});

t.test('a block is in force once its file is durable', async (t) => {
  const story = await begin();
  const { world, a } = story;
  a.isFull = true;
  const outcome = await grow(story, a);
  t.match(outcome, { kind: 'refused', reason: /cannot be written: no space left on device/ }, 'no call throws');
  t.equal(own(a).length, 1);
  t.match(a.process?.engine.state.problems, [{ code: 'file' }]);
  a.isFull = false;
  await world.advance({ ms: compared });
  t.equal(own(a).length, 2, 'a claim that the file lacks comes into it');
  await world.comeToRest();
});

t.test('a process that dies between claim and file leaks nothing', async (t) => {
  const story = await begin();
  const { world, a } = story;
  const before = world.claims().size;
  void a.process?.engine.grow(4, world.time.now + 2_000);
  while (world.claims().size === before) await world.advance({ events: 1 });
  t.equal(a.file?.blocks.length, 1);
  world.kill(a);
  world.start(a);
  await world.advance({ ms: minute });
  t.equal(own(a).length, 2);
  await world.comeToRest();
});

t.test('an answer that is lost is no refusal', async (t) => {
  for (const fate of ['twice', 'unheard'] as const) {
    const story = await begin();
    const { world, a } = story;
    world.store.plan(isClaim, fate);
    t.equal((await grow(story, a)).kind, fate === 'twice' ? 'claimed' : 'unreachable');
    t.equal(world.claims().size, 2, 'one more block');
    await world.advance({ ms: compared });
    t.strictSame(own(a), [...world.claims().keys()], 'which is in force');
  }
});

t.test('a delete that comes late does not free a block that is in force again', async (t) => {
  const story = await begin();
  const { world, a } = story;
  const index = await takeAnother(t, story, a);
  let isGone = false;
  world.store.plan(isRelease, 'late', () => (isGone = true));
  await giveBack(story, a, index, 9 * minute);
  while (!isGone) await world.advance({ events: 1 });
  t.match(await claim(story, a, index), { kind: 'claimed' }, 'a request wants it');
  await world.advance({ ms: minute });
  t.equal(world.claims().get(text(index)), 'a');
  await world.comeToRest();
});

t.test('a store in an older state gets its claims back before others take more', async (t) => {
  for (const isOther of [false, true]) {
    const story = await begin();
    const { world, a, b } = story;
    world.start(b);
    await world.advance({ ms: minute });
    world.save();
    const index = await takeAnother(t, story, a);
    const free = [0, 1, 2, 3, 4, 5, 6, 7].filter((each) => !world.claims().has(text(each)));
    for (const each of free) await claim(story, a, each);
    t.equal(world.claims().size, 8);
    await world.advance({ ms: 2 * minute });
    // This one has not heard of it when the other asks.
    a.isCut = true;
    world.restore(isOther);
    const asks = [async () => await grow(story, b), async () => await claim(story, b, index)];
    for (const ask of isOther ? asks : asks.toReversed())
      t.match(await ask(), { kind: 'refused', reason: /older copy/ });
    b.networks.push({ name: 'theirs', subnets: [subnet(index)] });
    await world.advance({ ms: minute });
    a.isCut = false;
    // Its next heartbeat shows it.
    await world.advance({ ms: 2 * minute });
    t.equal([...world.claims().values()].filter((owner) => owner === 'a').length, 7);
    await world.advance({ ms: compared });
    t.match(await grow(story, b), { kind: 'full' });
    await world.comeToRest();
    t.match(b.process?.engine.state.collisions, [{ network: 'theirs', owner: 'a' }]);
  }
});

t.test('another cluster with all claims is known at the next start', async (t) => {
  const story = await begin();
  const { world, a } = story;
  world.save();
  world.restore(true);
  await world.advance({ ms: 2 * compared });
  world.kill(a);
  world.start(a);
  await world.advance({ ms: minute });
  t.match(await grow(story, a), { kind: 'claimed' });
});

t.test('a start after a restore knows of it', async (t) => {
  const story = await begin();
  const { world, a } = story;
  world.save();
  await takeAnother(t, story, a);
  world.kill(a);
  world.restore(false);
  world.start(a);
  await world.advance({ ms: minute });
  t.match(await grow(story, a), { kind: 'refused', reason: /older copy/ });
  await world.advance({ ms: 2 * compared });
  t.match(await grow(story, a), { kind: 'claimed' });
  world.kill(a);
  world.start(a);
  await world.advance({ ms: minute });
  t.match(await grow(story, a), { kind: 'claimed' }, 'and not at the next start again');
});

t.test('a block that another host took from an older store goes out of force', async (t) => {
  const story = await begin();
  const { world, a, b } = story;
  world.save();
  const index = await takeAnother(t, story, a);
  a.networks.push({ name: 'mine', subnets: [subnet(index)] });
  world.kill(a);
  world.restore(false);
  world.start(b);
  await world.advance({ ms: minute });
  t.match(await claim(story, b, index), { kind: 'claimed' });
  world.start(a);
  t.ok(own(a).includes(text(index)));
  await world.advance({ ms: minute });
  t.notOk(own(a).includes(text(index)));
  t.match(a.process?.engine.state.collisions, [{ network: 'mine', owner: 'b' }]);
  t.match(
    a.process?.engine.state.ownBlocks.filter(({ block: each }) => formatCidr(each) === text(index)),
    [{ state: 'lost' }],
  );
  await world.comeToRest();
});

t.test('a host whose heartbeat was lost compares at once', async (t) => {
  const story = await begin();
  const { world, a, b } = story;
  world.start(b);
  const index = await takeAnother(t, story, a);
  // It has just compared.
  let isCompared = false;
  world.store.plan(isListing, undefined, () => (isCompared = true));
  while (!isCompared) await world.advance({ events: 1 });
  await world.advance({ ms: 1_000 });
  while (world.store.get('/podnetd/v1/alive/a') !== undefined) {
    a.isCut = true;
    await world.advance({ ms: 10_000 });
  }
  world.releaseHost(a);
  await world.advance({ ms: 1_000 });
  t.match(await claim(story, b, index), { kind: 'claimed' });
  a.isCut = false;
  await world.advance({ ms: 70_000 });
  t.notOk(own(a).includes(text(index)));
  await world.comeToRest();
});

t.test('another machine of the same name that has the claims', async (t) => {
  const story = await begin(['a', 'a']);
  const { world, a, b: twin } = story;
  a.isCut = true;
  await world.advance({ ms: 4 * minute });
  world.lost.add(own(a)[0] ?? '');
  world.start(twin);
  await world.advance({ ms: 2 * minute });
  t.strictSame(own(twin), own(a), 'takes them over once no heartbeat lives');
  a.isCut = false;
  t.match(await grow(story, a), { kind: 'refused', reason: /another machine/ });
  await world.advance({ ms: 2 * minute });
  t.match(a.process?.engine.state.problems, [{ code: 'host-twice' }]);
  t.strictSame(own(a), [], 'and no other has them in force');
  world.kill(twin);
  await world.advance({ ms: compared });
  t.equal(own(a).length, 1, 'until it is gone');
});

t.test('two machines of one name that start together', async (t) => {
  const world = new FleetWorld(3, ['a', 'a']);
  for (const host of world.hosts) world.start(host);
  await world.advance({ ms: 2 * minute });
  t.equal(world.hosts.filter((host) => own(host).length === 1).length, 1);
  const problems = world.hosts.flatMap(({ process }) => process?.engine.state.problems ?? []);
  t.match(problems, [{ code: 'host-twice' }]);
});

t.test('a block goes back once the file is durable without it', async (t) => {
  const story = await begin();
  const { world, a } = story;
  const index = await takeAnother(t, story, a);
  a.isFull = true;
  await giveBack(story, a, index, 15 * minute);
  t.equal(world.claims().get(text(index)), 'a');
  a.isFull = false;
  await world.advance({ ms: 15 * minute });
  t.notOk(world.claims().has(text(index)));
});

t.test('a network that another program makes while a block goes back keeps it', async (t) => {
  const story = await begin();
  const { world, a } = story;
  const index = await takeAnother(t, story, a);
  // It is there for a moment behind each look.
  a.onLooked = () => {
    if (a.networks.length > 0 || own(a).includes(text(index))) return;
    a.networks.push({ name: 'theirs', subnets: [subnet(index)] });
    world.time.after(20_000, () => a.networks.pop());
  };
  await giveBack(story, a, index, 15 * minute);
  t.equal(world.claims().get(text(index)), 'a');
  t.ok(own(a).includes(text(index)), 'in force again');
});

t.test('a folder that cannot be read does not end the heartbeat', async (t) => {
  const { world, a } = await begin();
  a.isBlind = true;
  await world.advance({ ms: 10 * minute });
  t.not(world.store.get('/podnetd/v1/alive/a'), undefined);
});

t.test('a request waits no longer than its own deadline', async (t) => {
  const { world, a } = await begin();
  world.store.isDown = true;
  const { engine } = a.process ?? {};
  const slow = engine?.grow(4, world.time.now + 6_000);
  await world.advance({ ms: 100 });
  const begun = world.time.now;
  t.match(await wait(world, engine?.grow(4, begun + 500)), { kind: 'unreachable' });
  t.ok(world.time.now - begun < 600);
  t.match(await wait(world, slow), { kind: 'unreachable' });
});

t.test('a host that ends asks nothing more', async (t) => {
  const { world, a } = await begin();
  const { engine } = a.process ?? {};
  await wait(world, engine?.stop());
  t.equal(world.store.get('/podnetd/v1/alive/a'), undefined);
  const asked = engine?.counts.requests.get('200');
  await world.advance({ ms: hour });
  t.equal(engine?.counts.requests.get('200'), asked);
});

t.test('blocks of a family that has no pool any more go back', async (t) => {
  const { world, a } = await begin();
  const base = makeCidr({ family: 6, value: 0xfd77n << 112n }, 40);
  world.kill(a);
  a.pools = [{ base, blockBits: 56, prefixBits: 64 }];
  world.start(a);
  await world.advance({ ms: 26 * hour });
  t.match(own(a), [/^fd77:/]);
  t.strictSame([...world.claims().keys()], own(a));
});

t.test('hosts that add pools at once agree on all of them', async (t) => {
  const world = new FleetWorld(5, ['a', 'b', 'c']);
  const [a, b, c] = world.hosts as [Host, Host, Host];
  const bases = [1n, 2n].map((at) => makeCidr({ family: 4, value: pool.base.base + (at << 16n) }, 24));
  a.pools = [pool, { ...pool, base: bases[0] ?? pool.base }];
  b.pools = [pool, { ...pool, base: bases[1] ?? pool.base }];
  c.pools = [{ ...pool, blockBits: 28 }];
  for (const host of [a, b]) world.start(host);
  await world.advance({ ms: minute });
  world.start(c);
  await world.advance({ ms: compared });
  const layout = world.store.get('/podnetd/v1/layout') ?? '';
  for (const base of bases) t.ok(layout.includes(formatCidr(base)));
  t.strictSame([...(a.process?.engine.state.problems ?? []), ...(b.process?.engine.state.problems ?? [])], []);
  t.match(c.process?.engine.state.problems, [{ code: 'layout' }]);
});
