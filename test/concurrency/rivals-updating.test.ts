import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { makePodman } from '../support/podman.js';
import { rounds } from '../support/rounds.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { findTwice, readNetworks } from './conflists.js';

/** Clients of two daemons change one network on the state that they have read, while Podman makes networks in the folder and reads the file. */

const clientsPerDaemon = 2;
const updatesPerClient = rounds(15, 1_000);
const podmanCreates = rounds(4, 40);
/** Far more attempts than a client needs among three others. */
const mostAttempts = 200;
const counted = '/podnetd/v1/networks/counted';

const skip = missing('podman', 'ip', 'nsenter');
t.setTimeout((updatesPerClient + podmanCreates) * 5_000);

t.test('no change is lost where each has the tag of the state that it rests on', { skip }, async (t) => {
  const host = await makeHost(t);
  const folder = path.join(makeScratch(t), 'net.d');
  const patient = { netns: host, folder, args: ['--lock-timeout', '60', '--log-level', 'error'] };
  const daemons = [await startDaemon(t, patient), await startDaemon(t, patient)];
  const podman = makePodman(t, { folder, netns: host });
  await podman.must('network', 'create', '--label', 'count=0', '--label', 'kept=by-podman', 'counted');

  const makeNetworks = async () => {
    for (let index = 0; index < podmanCreates; index += 1) {
      await podman.must('network', 'create', `podman${index}`);
      const [read] = JSON.parse(await podman.must('network', 'inspect', 'counted')) as readonly Shown[];
      t.equal(read?.labels.kept, 'by-podman', 'Podman reads a whole file of its own form');
    }
  };
  const clients = daemons.flatMap((daemon) => Array.from({ length: clientsPerDaemon }, () => daemon));
  const counts = await Promise.all([...clients.map(async (daemon) => await count(t, daemon)), makeNetworks()]);

  const refusals = counts.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  t.comment(`${refusals} changes rested on a state that was over`);
  const made = clients.length * updatesPerClient;
  for (const daemon of daemons) {
    const { labels } = await read(daemon);
    t.equal(labels.count, String(made), 'each change rests on the one before it');
    t.equal(labels.kept, 'by-podman');
  }
  const networks = readNetworks(folder);
  t.equal(networks.length, podmanCreates + 1);
  t.strictSame(findTwice(networks.flatMap(({ subnets }) => subnets)), [], 'no subnet twice');
});

interface Shown {
  readonly labels: { readonly count: string; readonly kept: string };
}

/** Adds one to the label, again and again. @returns how many attempts were refused, because another client was faster */
async function count(t: Test, daemon: TestDaemon): Promise<number> {
  let refusals = 0;
  for (let made = 0, attempts = 0; made < updatesPerClient; attempts += 1) {
    if (attempts > mostAttempts * updatesPerClient) throw new Error(`${made} changes after ${attempts} attempts`);
    const { labels, tag } = await read(daemon);
    const body = { labels: { count: String(Number(labels.count) + 1) } };
    const { status, text } = await daemon.ask('PATCH', counted, body, { 'If-Match': tag });
    if (status === 200) made += 1;
    else if (status === 412) refusals += 1;
    else t.fail(`${status} ${text}`);
  }
  return refusals;
}

async function read(daemon: TestDaemon): Promise<Shown & { readonly tag: string }> {
  const answer = await daemon.ask('GET', '/v5.0.0/libpod/networks/counted/json');
  return { ...(answer.json() as Shown), tag: String(answer.headers['etag']) };
}
