import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Answer } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { makePodman, type Podman } from '../support/podman.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { readNetworks } from './conflists.js';

const podmanLoops = 4;
const createsPerLoop = 6;
const createsPerDaemon = 30;
/** Requests between two in which both daemons get the same name. */
const contestedEvery = 3;

const skip = missing('podman', 'ip', 'nsenter');

t.test('two daemons and Podman make networks in one folder at once', { skip }, async (t) => {
  const netns = makeNetns(t);
  const folder = path.join(makeScratch(t), 'net.d');
  // More patient than the default, because the test is about the winner, not about the speed of this machine.
  const patient = { netns, folder, args: ['--lock-timeout', '60'] };
  const daemons = [await startDaemon(t, patient), await startDaemon(t, patient)];
  const podmen = Array.from({ length: podmanLoops }, () => makePodman(t, { folder, netns }));

  const asked: Promise<readonly [name: string, answer: Answer]>[] = [];
  let turn = 0;
  const askBoth = () => {
    const now = turn;
    turn += 1;
    for (const [index, daemon] of daemons.entries()) {
      const name = now % contestedEvery === 0 ? `contested-${now}` : `daemon${index}-${now}`;
      asked.push(create(daemon, name, now % 2 === 0));
    }
  };
  // One burst, then one request for each network that Podman has made, so that all compete for the lock from first to last.
  for (let more = createsPerDaemon - podmanLoops * createsPerLoop; more > 0; more -= 1) askBoth();
  const byPodman = (
    await Promise.all(podmen.map(async (one, index) => await createInTurn(one, index, askBoth)))
  ).flat();
  const answers = await Promise.all(asked);
  t.equal(answers.length, daemons.length * createsPerDaemon, 'every request is answered');

  const acknowledged = answers.filter(([, { status }]) => status < 300).map(([name]) => name);
  const refused = answers.filter(([, { status }]) => status >= 300);
  t.equal(new Set(acknowledged).size, acknowledged.length, 'one winner for each name');
  t.strictSame(new Set(acknowledged), new Set(answers.map(([name]) => name)), 'a winner for each name');
  t.equal(refused.length, createsPerDaemon / contestedEvery, 'one loser for each contested name');
  for (const [name, { status, text }] of refused) {
    t.equal(status, 409, text);
    t.match(text, `network name ${name} already used`);
  }
  t.equal(byPodman.length, podmanLoops * createsPerLoop);

  const networks = readNetworks(folder);
  const expected = [...acknowledged, ...byPodman].toSorted();
  t.strictSame(networks.map(({ file }) => file).toSorted(), expected, 'a file for each network, and no other');
  t.strictSame(networks.map(({ name }) => name).toSorted(), expected, 'each under its own name');
  const bridges = networks.flatMap(({ bridges }) => bridges);
  t.equal(bridges.length, expected.length);
  t.equal(new Set(bridges).size, bridges.length, 'no bridge twice');
  // All subnets come from pools of /24 blocks, so two that differ do not overlap.
  const subnets = networks.flatMap(({ subnets }) => subnets);
  t.equal(subnets.length, expected.length);
  t.ok(subnets.every((subnet) => subnet.endsWith('.0/24')));
  t.equal(new Set(subnets).size, subnets.length, 'no subnet twice');

  const others = readdirSync(folder).filter((name) => !name.endsWith('.conflist'));
  t.strictSame(others, ['cni.lock'], 'no temporary file and no lock folder');
  t.notOk(existsSync('/run/lock/podman-cni.lock.lock'), 'no lock folder beside the lock of the system');
  for (const daemon of daemons) {
    for (const { name } of networks) {
      const { status } = await daemon.ask('GET', `/v4.3.1/libpod/networks/${name}/json`);
      if (status !== 200) t.fail(`a daemon does not know ${name}: ${status}`);
    }
  }
});

async function create(daemon: TestDaemon, name: string, isLibpod: boolean): Promise<readonly [string, Answer]> {
  const answer = isLibpod
    ? await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name })
    : await daemon.ask('POST', '/v1.41/networks/create', { Name: name });
  return [name, answer];
}

/** @returns the names of the networks that Podman made */
async function createInTurn(podman: Podman, index: number, onMade: () => void): Promise<readonly string[]> {
  const names = Array.from({ length: createsPerLoop }, (_, turn) => `podman${index}-${turn}`);
  for (const name of names) {
    await podman.must('network', 'create', name);
    onMade();
  }
  return names;
}
