import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { rounds } from '../support/rounds.js';
import { makeScratch } from '../support/scratch.js';

/** A daemon that is killed at any moment leaves whole files, everything that it acknowledged, and nothing that has to be cleared by hand. */

const killings = rounds(12, 1_000);
const clients = 8;
/** Networks that are there before each killing are removed by it. */
const longestLifeMs = 250;

t.test(`${killings} killings`, { timeout: killings * 10_000 }, async (t) => {
  const folder = path.join(makeScratch(t), 'net.d');
  mkdirSync(folder);
  let expected: ReadonlySet<string> = new Set();
  for (let round = 0; round < killings; round += 1) {
    const daemon = await startDaemon(t, { folder });
    await checkAfterCrash(t, daemon, expected);
    expected = await workUntilKilled(t, daemon, round, [...expected]);
  }
  await checkAfterCrash(t, await startDaemon(t, { folder }), expected);
});

/** @returns the names that must be there; those whose request was cut are left open by being looked up */
async function workUntilKilled(
  t: Test,
  daemon: TestDaemon,
  round: number,
  present: readonly string[],
): Promise<ReadonlySet<string>> {
  const acknowledged = new Set(present);
  const open = new Set<string>();
  const attempt = async (name: string, act: () => Promise<{ readonly status: number }>, done: () => void) => {
    open.add(name);
    const { status } = await act();
    if (status < 300) done();
    open.delete(name);
  };
  const work = async (client: number) => {
    const doomed = present.filter((_, index) => index % clients === client);
    for (let index = 0; ; index += 1) {
      const name = `r${round}-${client}-${index}`;
      const body = { Name: name };
      await attempt(
        name,
        async () => await daemon.ask('POST', '/networks/create', body),
        () => acknowledged.add(name),
      );
      const victim = doomed.pop();
      if (victim === undefined) continue;
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
    // Neither answer was given, so both are right.
    if (existsSync(path.join(daemon.folder, `${name}.conflist`))) acknowledged.add(name);
    else acknowledged.delete(name);
  }
  return acknowledged;
}

async function checkAfterCrash(t: Test, daemon: TestDaemon, expected: ReadonlySet<string>): Promise<void> {
  const files = readdirSync(daemon.folder).filter((name) => name.endsWith('.conflist'));
  for (const file of files) {
    const { name } = JSON.parse(readFileSync(path.join(daemon.folder, file), 'utf8')) as { readonly name: string };
    t.equal(`${name}.conflist`, file, 'the file is whole');
  }
  t.strictSame(new Set(files.map((file) => path.basename(file, '.conflist'))), expected, 'what was acknowledged is so');
  const listed = (await daemon.ask('GET', '/networks')).json() as readonly { readonly Name: string }[];
  t.equal(listed.length, expected.size + 1, 'all are shown, and the default network');
  const probe = { Name: 'probe' };
  t.equal((await daemon.ask('POST', '/networks/create', probe)).status, 201, 'no lock is stuck');
  t.equal((await daemon.ask('DELETE', '/networks/probe')).status, 204);
  const leftovers = () => readdirSync(daemon.folder).filter((name) => !/\.conflist$|^cni\.lock$/.test(name));
  for (let tries = 0; leftovers().length > 0 && tries < 500; tries += 1) await sleep(10);
  t.strictSame(leftovers(), [], 'nothing unfinished is left');
}
