import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Answer } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { readLockTable } from '../support/lock-table.js';
import { makePodman } from '../support/podman.js';
import { makeScratch } from '../support/scratch.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { missing } from '../support/tools.js';

/** A real Podman is stopped while it holds the lock: writers get an answer in time, reads go on, and no daemon needs a restart. */

const impatienceMs = 2_000;
const skip = missing('podman', 'strace', 'ip', 'nsenter', 'unshare');

const bases = { compat: '', v3: '/v3.2.0/libpod', v4: '/v4.3.1/libpod' } as const;
type DialectName = keyof typeof bases;
const dialects = ['compat', 'v3', 'v4'] as const;
const busy = { compat: 503, v3: 500, v4: 503 } as const;

t.test('a Podman stopped under the lock goes on', { skip }, async (t) => {
  const { daemons, release, podman } = await holdUp(t, 2);
  t.equal(await release('SIGCONT'), 0, 'Podman ends well');
  await checkAllGoesOn(t, daemons, 'theirs');
  t.equal((await podman.run('network', 'create', 'more')).code, 0, 'no abandoned wait keeps the lock');
});

t.test('a Podman stopped under the lock is killed', { skip }, async (t) => {
  const { daemons, release, podman } = await holdUp(t, 1);
  t.not(await release('SIGKILL'), 0, 'Podman has died');
  await checkAllGoesOn(t, daemons);
  t.equal((await podman.run('network', 'create', 'theirs')).code, 0);
});

interface Patience {
  readonly impatient: TestDaemon;
  readonly patient: TestDaemon;
}

/**
 * Stops Podman under the lock, until the writers of one daemon have given up and those of another wait.
 *
 * @param rounds rounds of writers that give up; from the second one on, an abandoned wait is in the kernel
 */
async function holdUp(t: Test, rounds: number) {
  const host = await makeHost(t);
  const folder = path.join(makeScratch(t), 'net.d');
  const lockPath = path.join(folder, 'cni.lock');
  const start = async (timeoutMs: number) =>
    await startDaemon(t, { netns: host, folder, args: ['--lock-timeout', String(timeoutMs / 1_000)] });
  const daemons: Patience = { impatient: await start(impatienceMs), patient: await start(120_000) };
  const { impatient, patient } = daemons;
  for (const name of ['first', 'doomed']) t.equal((await create(impatient, 'compat', name)).status, 201);
  const before = snapshotFolder(folder);

  const stop = ['-f', '-o', '/dev/null', '-P', lockPath, '-e', 'trace=fcntl', '-e', 'inject=fcntl:signal=SIGSTOP'];
  const stopped = makePodman(t, { folder, netns: host, under: ['strace', ...stop] });
  const creating = stopped.run('network', 'create', 'theirs');
  const holder = await awaitStopped(t, lockPath);

  const text = `the network configuration is locked: waited ${impatienceMs} ms for ${lockPath}, held by process ${holder} (podman)`;
  for (let round = 1; round <= rounds; round += 1) {
    let answered = 0;
    const writers = dialects.flatMap((dialect) =>
      writeAll(impatient, dialect).map(async (asking) => {
        const answer = await asking;
        answered += 1;
        return { dialect, answer };
      }),
    );
    for (const daemon of [impatient, patient]) await checkReaders(t, daemon);
    t.equal((await create(impatient, 'compat', 'no way')).status, 400, 'an invalid request does not wait');
    t.equal(answered, 0, 'while the writers wait');
    for (const { dialect, answer } of await Promise.all(writers)) {
      const status = busy[dialect];
      t.strictSame([answer.status, answer.json()], [status, { cause: text, message: text, response: status }], dialect);
    }
    t.equal(readLockTable(lockPath).waiting, 1, `one wait in the kernel after round ${round}`);
  }
  t.strictSame(snapshotFolder(folder), before, 'the folder is untouched');

  const waiting = dialects.flatMap((dialect) =>
    ['a', 'b'].map(async (name) => await create(patient, dialect, `${dialect}-${name}`)),
  );
  await awaitLocks(lockPath, ({ waiting }) => waiting === 2);
  return {
    daemons,
    podman: makePodman(t, { folder, netns: host }),
    /** @returns the exit code of Podman */
    release: async (signal: NodeJS.Signals) => {
      process.kill(holder, signal);
      const { code } = await creating;
      const answers = await Promise.all(waiting);
      t.ok(
        answers.every(({ status }) => status < 300),
        'all that waited are answered',
      );
      await awaitLocks(lockPath, ({ holders, waiting }) => holders.length === 0 && waiting === 0);
      t.strictSame(readLockTable(lockPath), { holders: [], waiting: 0 }, 'no process holds the lock or waits for it');
      return code;
    },
  };
}

async function create(daemon: TestDaemon, dialect: DialectName, name: string): Promise<Answer> {
  const query = dialect === 'v3' ? `?name=${name}` : '';
  const body = { compat: { Name: name }, v3: {}, v4: { name } }[dialect];
  return await daemon.ask('POST', `${bases[dialect]}/networks/create${query}`, body);
}

function writeAll(daemon: TestDaemon, dialect: DialectName): readonly Promise<Answer>[] {
  return [
    create(daemon, dialect, 'late'),
    create(daemon, dialect, ''),
    daemon.ask('DELETE', `${bases[dialect]}/networks/doomed`),
    daemon.ask('POST', `${bases[dialect]}/networks/prune`),
  ];
}

async function checkReaders(t: Test, daemon: TestDaemon): Promise<void> {
  for (const dialect of dialects) {
    const base = `${bases[dialect]}/networks`;
    const [list, one] = dialect === 'compat' ? [base, `${base}/first`] : [`${base}/json`, `${base}/first/json`];
    t.equal(((await daemon.ask('GET', list)).json() as readonly unknown[]).length, 3, list);
    t.equal((await daemon.ask('GET', one)).status, 200, one);
    if (dialect !== 'compat') t.equal((await daemon.ask('GET', `${base}/first/exists`)).status, 204, 'exists');
  }
}

/** @returns the process that has the lock, once it is stopped */
async function awaitStopped(t: Test, lockPath: string): Promise<number> {
  for (let tries = 0; tries < 3_000; tries += 1) {
    const [holder] = existsSync(lockPath) ? readLockTable(lockPath).holders : [];
    if (holder !== undefined && /^State:\s+[tT]/m.test(readFileSync(`/proc/${holder}/status`, 'utf8'))) {
      t.teardown(() => {
        // No process stays stopped after a failure.
        if (existsSync(`/proc/${holder}`)) process.kill(holder, 'SIGKILL');
      });
      return holder;
    }
    await sleep(10);
  }
  throw new Error('no Podman was stopped under the lock');
}

async function awaitLocks(lockPath: string, isSo: (table: ReturnType<typeof readLockTable>) => boolean): Promise<void> {
  for (let tries = 0; tries < 1_000 && !isSo(readLockTable(lockPath)); tries += 1) await sleep(10);
}

async function checkAllGoesOn(t: Test, { impatient, patient }: Patience, ...more: readonly string[]): Promise<void> {
  for (const dialect of dialects) t.ok((await create(impatient, dialect, `after-${dialect}`)).status < 300);
  t.equal((await impatient.ask('DELETE', '/networks/doomed')).status, 204);
  const made = dialects.flatMap((dialect) => [`${dialect}-a`, `${dialect}-b`, `after-${dialect}`]);
  const expected = ['first', 'podman', ...made, ...more].toSorted();
  for (const daemon of [impatient, patient]) {
    const listed = (await daemon.ask('GET', '/v4.3.1/libpod/networks/json')).json() as readonly {
      readonly name: string;
    }[];
    t.strictSame(listed.map(({ name }) => name).toSorted(), expected, 'every requested network is there');
    t.equal(daemon.process.exitCode, null, 'the daemon still runs');
  }
}
