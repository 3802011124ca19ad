import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { rounds } from '../support/rounds.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** A daemon that is killed at any moment leaves whole files, all acknowledged changes, and nothing to clear by hand. */

const killings = rounds(12, 1_000);
const clients = 8;
/** Milliseconds until a kill at most, in which the daemon also removes the networks of the round before. */
const longestLifeMs = 250;

t.test(`${killings} killings`, { timeout: killings * 10_000 }, async (t) => {
  const folder = path.join(makeScratch(t), 'net.d');
  mkdirSync(folder);
  let expected: Expected = new Map();
  for (let round = 0; round < killings; round += 1) {
    const daemon = await startDaemon(t, { folder });
    await checkAfterCrash(t, daemon, expected);
    expected = await workUntilKilled(t, daemon, round, expected);
  }
  await checkAfterCrash(t, await startDaemon(t, { folder }), expected);
});

/** The label that each network must have; two where the request that changes it was cut. */
type Expected = ReadonlyMap<string, readonly (string | undefined)[]>;

/** @returns the networks that must be there; for a create or removal that was cut, the folder decides */
async function workUntilKilled(t: Test, daemon: TestDaemon, round: number, present: Expected): Promise<Expected> {
  const acknowledged = new Map(present);
  const open = new Set<string>();
  const attempt = async (name: string, act: () => Promise<{ readonly status: number }>, done: () => void) => {
    open.add(name);
    const { status } = await act();
    if (status < 300) done();
    open.delete(name);
  };
  const update = async (name: string, label: string) => {
    acknowledged.set(name, [...(acknowledged.get(name) ?? []), label]);
    const { status } = await daemon.ask('PATCH', `/podnetd/v1/networks/${name}`, { labels: { label } });
    t.equal(status, 200);
    acknowledged.set(name, [label]);
  };
  const work = async (client: number) => {
    const doomed = [...present.keys()].filter((_, index) => index % clients === client);
    for (let index = 0; ; index += 1) {
      const name = `r${round}-${client}-${index}`;
      const body = { Name: name };
      await attempt(
        name,
        async () => await daemon.ask('POST', '/networks/create', body),
        () => acknowledged.set(name, [undefined]),
      );
      await update(name, `${index}`);
      const victim = doomed.pop();
      if (victim === undefined) continue;
      await update(victim, `${round}`);
      await attempt(
        victim,
        async () => await daemon.ask('DELETE', `/networks/${victim}`),
        () => acknowledged.delete(victim),
      );
    }
  };
  const working = Promise.allSettled(Array.from({ length: clients }, async (_, client) => await work(client)));
  await sleep(Math.random() * longestLifeMs);
  t.equal(await daemon.stop('SIGKILL'), null);
  await working;
  for (const name of open) {
    // The request has no answer, so both outcomes are right.
    if (!existsSync(path.join(daemon.folder, `${name}.conflist`))) acknowledged.delete(name);
    else if (!acknowledged.has(name)) acknowledged.set(name, [undefined]);
  }
  return acknowledged;
}

interface Conflist {
  readonly name: string;
  readonly args?: { readonly podman_labels: { readonly label?: string } | null };
}

async function checkAfterCrash(t: Test, daemon: TestDaemon, expected: Expected): Promise<void> {
  const files = readdirSync(daemon.folder).filter((name) => name.endsWith('.conflist'));
  for (const file of files) {
    const { name, args } = JSON.parse(readFileSync(path.join(daemon.folder, file), 'utf8')) as Conflist;
    t.equal(`${name}.conflist`, file, 'the file is whole');
    const label = args?.podman_labels?.label;
    t.ok(expected.get(name)?.includes(label) !== false, `${name} has the acknowledged label, not ${label}`);
  }
  t.strictSame(
    new Set(files.map((file) => path.basename(file, '.conflist'))),
    new Set(expected.keys()),
    'the acknowledged networks are there, and no others',
  );
  const listed = (await daemon.ask('GET', '/networks')).json() as readonly { readonly Name: string }[];
  t.equal(listed.length, expected.size + 1, 'the list has all of them and the default network');
  const probe = { Name: 'probe' };
  t.equal((await daemon.ask('POST', '/networks/create', probe)).status, 201, 'no lock is stuck');
  t.equal((await daemon.ask('DELETE', '/networks/probe')).status, 204);
  const leftovers = () => readdirSync(daemon.folder).filter((name) => !/\.conflist$|^cni\.lock$/.test(name));
  for (let tries = 0; leftovers().length > 0 && tries < 500; tries += 1) await sleep(10);
  t.strictSame(leftovers(), [], 'no unfinished file is left');
}

const skip = missing('ip', 'nsenter');
const removals = rounds(6, 200);
const bridgesAtOnce = 12;

t.test(
  `${removals} killings in the middle of removals leave no bridge`,
  { skip, timeout: removals * 15_000 },
  async (t) => {
    const host = makeNetns(t);
    const folder = path.join(makeScratch(t), 'net.d');
    mkdirSync(folder);
    let cutShort = 0;
    for (let round = 0; round < removals; round += 1) {
      const daemon = await startDaemon(t, { folder, netns: host });
      const names = await makeBridged(t, daemon, host, bridgesAtOnce);
      const removing = names.map(async (name) => await daemon.ask('DELETE', `/networks/${name}`));
      const outcomes = Promise.allSettled(removing);
      for (let tries = 0; tries < 10_000 && namesIn(folder).length === names.length; tries += 1) await sleep(0);
      await sleep(round);
      t.equal(await daemon.stop('SIGKILL'), null);
      await outcomes;
      const bridges = await bridgesIn(host);
      if (bridges.some((bridge) => !namesIn(folder).includes(bridge))) cutShort += 1;
      const next = await startDaemon(t, { folder, netns: host });
      await checkBridges(t, host, folder, `after killing ${round}`);
      for (const name of namesIn(folder)) t.equal((await next.ask('DELETE', `/networks/${name}`)).status, 204);
      t.strictSame(await bridgesIn(host), []);
      await next.stop();
    }
    t.ok(cutShort > 0, `${cutShort} kills fell between a file and its bridge`);
  },
);

/** Makes networks and their bridges, as after the last container. @returns the names, which the bridges have, too */
async function makeBridged(t: Test, daemon: TestDaemon, host: Netns, count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `kb${index}`);
  for (const [index, name] of names.entries()) {
    const body = { name, network_interface: name, subnets: [{ subnet: `10.230.${index}.0/24` }] };
    t.equal((await daemon.ask('POST', '/v4.3.1/libpod/networks/create', body)).status, 200);
  }
  const commands = names.flatMap((name, index) => [
    `link add ${name} type bridge`,
    `address add 10.230.${index}.1/24 dev ${name}`,
    `link set ${name} up`,
  ]);
  const { code, stderr } = await host.run('ip', ['-batch', '-'], { stdin: `${commands.join('\n')}\n` });
  t.equal(code, 0, stderr);
  return names;
}

/** Asserts that a start clears bridges and files without a network. */
async function checkBridges(t: Test, host: Netns, folder: string, label: string): Promise<void> {
  const isDone = async () => (await bridgesIn(host)).join() === namesIn(folder).join();
  for (let tries = 0; tries < 300 && !(await isDone()); tries += 1) await sleep(10);
  t.strictSame(await bridgesIn(host), namesIn(folder), `${label}: each bridge has a network`);
  for (let tries = 0; tries < 300 && readdirSync(folder).some((name) => name.startsWith('.')); tries += 1)
    await sleep(10);
  t.strictSame(
    readdirSync(folder).filter((name) => name.startsWith('.')),
    [],
    `${label}: no unfinished file`,
  );
}

async function bridgesIn(host: Netns): Promise<readonly string[]> {
  const listed = await host.ip('-oneline', 'link', 'show', 'type', 'bridge');
  return [...listed.matchAll(/^\d+: ([^:]+):/gm)].map(([, name]) => name ?? '').toSorted();
}

function namesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.conflist'))
    .map((name) => path.basename(name, '.conflist'))
    .toSorted();
}
