import { readdirSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { Answer } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { makePodman, type Podman } from '../support/podman.js';
import { rounds } from '../support/rounds.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { findTwice, readNetworks } from './conflists.js';

/** Two daemons and several Podmans make and remove networks in one folder, their own and those of the others, for a while. */

const podmanLoops = rounds(2, 4);
/** A turn is a create and, from the second on, a removal: a second or two on a busy machine. */
const turnsPerPodman = rounds(4, 100);
const clientsPerDaemon = 2;
/** Far more turns than a daemon reaches while the Podmans have theirs. */
const mostTurns = 100_000;
/** About as many networks stay, and not more, because each Podman command runs every plugin of every network. */
const kept = rounds(5, 20);

const skip = missing('podman', 'ip', 'nsenter', 'unshare');
t.setTimeout(podmanLoops * turnsPerPodman * 30_000);

t.test('making and removing at once', { skip }, async (t) => {
  const host = await makeHost(t);
  const folder = path.join(makeScratch(t), 'net.d');
  const patient = { netns: host, folder, args: ['--lock-timeout', '60', '--log-level', 'error'] };
  const daemons = [await startDaemon(t, patient), await startDaemon(t, patient)];
  const podmen = Array.from({ length: podmanLoops }, () => makePodman(t, { folder, netns: host }));
  const book = new Book();
  let podmenAtWork = podmen.length;

  const runPodman = async (podman: Podman, index: number) => {
    for (let turn = 0; turn < turnsPerPodman; turn += 1) {
      const name = `podman${index}-${turn}`;
      await book.time('podman create', async () => await podman.must('network', 'create', name));
      book.made(name);
      const victim = turn > 0 ? book.takeVictim() : undefined;
      if (victim === undefined) continue;
      await book.time('podman rm', async () => await podman.must('network', 'rm', victim));
      book.removed(victim);
    }
    podmenAtWork -= 1;
  };

  const runClient = async (index: number) => {
    for (let turn = 0; turn < mostTurns && podmenAtWork > 0; turn += 1) {
      // Both daemons get every other name, and every other victim.
      const isContested = turn % 2 === 0;
      const asked = isContested ? daemons : daemons.slice(index % 2).slice(0, 1);
      const name = `client${index}-${turn}`;
      const creations = await Promise.all(
        asked.map(async (daemon) => await book.time('create', async () => await create(daemon, name, turn % 3))),
      );
      checkOneWinner(t, creations, 409, name);
      book.made(name);
      const victim = book.size > kept ? book.takeVictim() : undefined;
      if (victim === undefined) continue;
      const removals = await Promise.all(
        asked.map(
          async (daemon) => await book.time('remove', async () => await daemon.ask('DELETE', `/networks/${victim}`)),
        ),
      );
      checkOneWinner(t, removals, 404, victim);
      book.removed(victim);
      if (turn % 10 === 0) await checkList(t, daemons[index % 2]);
    }
  };

  await Promise.all([
    ...podmen.map(runPodman),
    ...Array.from({ length: daemons.length * clientsPerDaemon }, async (_, index) => await runClient(index)),
  ]);

  const networks = readNetworks(folder);
  const expected = book.there();
  t.strictSame(
    networks.map(({ file }) => file).toSorted(),
    expected,
    'the acknowledged networks are there, and no others',
  );
  t.strictSame(networks.map(({ name }) => name).toSorted(), expected, 'each under its own name');
  t.strictSame(findTwice(networks.flatMap(({ bridges }) => bridges)), [], 'no bridge twice');
  t.strictSame(findTwice(networks.flatMap(({ subnets }) => subnets)), [], 'no subnet twice');
  t.ok(networks.every(({ bridges, subnets }) => bridges.length === 1 && subnets.length === 1));
  const others = readdirSync(folder).filter((name) => !name.endsWith('.conflist'));
  t.strictSame(others, ['cni.lock'], 'no unfinished file');
  for (const daemon of daemons) {
    const names = (await listNetworks(daemon)).map(({ name }) => name).toSorted();
    t.strictSame(names, [...expected, 'podman'].toSorted(), 'every daemon knows every network');
  }
  book.check(t);
});

/** The acknowledged networks, and the milliseconds that each action took. */
class Book {
  readonly #there = new Set<string>();
  readonly #victims: string[] = [];
  readonly #waits = new Map<string, { count: number; longestMs: number }>();

  get size(): number {
    return this.#victims.length;
  }

  made(name: string): void {
    this.#there.add(name);
    this.#victims.push(name);
  }

  removed(name: string): void {
    this.#there.delete(name);
  }

  /** A network, by any maker, that no other caller removes. The oldest networks stay to the end. */
  takeVictim(): string | undefined {
    const spared = Math.min(3, this.#victims.length - 1);
    return this.#victims.splice(spared, 1)[0];
  }

  there(): readonly string[] {
    return [...this.#there].toSorted();
  }

  async time<T>(what: string, act: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const outcome = await act();
    const { count, longestMs } = this.#waits.get(what) ?? { count: 0, longestMs: 0 };
    this.#waits.set(what, { count: count + 1, longestMs: Math.max(longestMs, performance.now() - begun) });
    return outcome;
  }

  check(t: Test): void {
    for (const what of ['create', 'remove', 'podman create', 'podman rm']) {
      const { count, longestMs } = this.#waits.get(what) ?? { count: 0, longestMs: 0 };
      t.ok(count > 0, `${what}: ${count} answered, the longest after ${Math.round(longestMs)} ms`);
    }
  }
}

async function create(daemon: TestDaemon, name: string, dialect: number): Promise<Answer> {
  if (dialect === 0) return await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name });
  return await daemon.ask('POST', '/networks/create', { Name: name });
}

/** Asserts that one daemon reports success and the other that its rival was first; neither reports a busy lock. */
function checkOneWinner(t: Test, answers: readonly Answer[], refusal: number, name: string): void {
  const statuses = answers.map(({ status }) => status);
  const winners = statuses.filter((status) => status < 300).length;
  if (winners !== 1 || !statuses.every((status) => status < 300 || status === refusal)) {
    t.fail(`${name}: ${answers.map(({ status, text }) => `${status} ${text}`).join(', ')}`);
  }
}

interface ListedNetwork {
  readonly name: string;
  readonly network_interface: string;
  readonly subnets: readonly { readonly subnet: string }[];
}

async function listNetworks(daemon: TestDaemon): Promise<readonly ListedNetwork[]> {
  return (await daemon.ask('GET', '/v4.3.1/libpod/networks/json')).json() as readonly ListedNetwork[];
}

/** Asserts that a list has no name, bridge or subnet twice. */
async function checkList(t: Test, daemon: TestDaemon | undefined): Promise<void> {
  const networks = daemon === undefined ? [] : await listNetworks(daemon);
  const twice = [
    ...findTwice(networks.map(({ name }) => name)),
    ...findTwice(networks.map(({ network_interface: bridge }) => bridge)),
    ...findTwice(networks.flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet))),
  ];
  if (twice.length > 0) t.fail(`listed twice: ${twice.join(', ')}`);
}
