import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startDaemon, type DaemonOptions, type TestDaemon } from '../support/daemon.js';
import { openEvents, type EventStream } from '../support/event-stream.js';
import { makeFaultyDisk, type DiskFault } from '../support/faulty-disk.js';
import { create, namesOf, remove } from './changes.js';

/** A change that is not durable, or fails, is in no answer and no event of the daemon that makes it and of its neighbours. */

/** Milliseconds of a slow sync, long enough for all reads on a loaded machine. */
const windowMs = 3_000;

interface Observer {
  readonly daemon: TestDaemon;
  readonly events: EventStream;
}

async function observe(t: Test, options: DaemonOptions): Promise<Observer> {
  const daemon = await startDaemon(t, options);
  return { daemon, events: await openEvents(t, daemon.socket, '/v4.3.1/libpod/events?stream=true') };
}

async function eventsOf({ events }: Observer, count: number): Promise<readonly string[]> {
  const lines = await events.lines(count);
  return lines.map((line) => {
    const { Action, Actor } = line as {
      readonly Action: string;
      readonly Actor: { readonly Attributes: { name: string } };
    };
    return `${Action} ${Actor.Attributes.name}`;
  });
}

async function waitFor(isDone: () => boolean): Promise<void> {
  for (let tries = 0; !isDone() && tries < 2_000; tries += 1) await sleep(5);
}

for (const error of [undefined, 'EIO'] as const) {
  const ending = error === undefined ? 'is slow' : 'fails';
  t.test(`the sync of the folder ${ending}`, async (t) => {
    const disk = makeFaultyDisk(t);
    const own = await observe(t, { env: disk.env });
    const { folder } = own.daemon;
    const observers = [own, await observe(t, { folder })];
    for (const name of ['kept', 'gone']) t.equal((await create(own.daemon, 'compat', name)).status, 201);
    for (const observer of observers) await eventsOf(observer, 2);
    const before = ['bridge', 'gone', 'kept'];
    disk.set([{ call: 'fsync', on: 'folder', delayMs: windowMs, ...(error && { error }) }]);
    let isAnswered = false;
    const asking = Promise.all([create(own.daemon, 'compat', 'new'), remove(own.daemon, 'v4', 'gone')]).finally(
      () => (isAnswered = true),
    );
    for (let round = 0; round < 2; round += 1) {
      // Both changes may be under way, or one with its temporary name.
      await waitFor(() => isAnswered || readdirSync(folder).length > 4);
      for (const { daemon } of observers) {
        const names = await namesOf(daemon);
        const inspected = await daemon.ask('GET', '/v4.3.1/libpod/networks/new/json');
        const exists = await daemon.ask('GET', '/v4.3.1/libpod/networks/gone/exists');
        if (isAnswered) continue;
        t.strictSame(names, before, 'the list');
        t.equal(inspected.status, 404, 'a network that is being created');
        t.equal(exists.status, 204, 'a network that is being removed');
      }
      await sleep(100);
    }
    const answers = await asking;
    disk.set([]);
    t.strictSame(
      answers.map(({ status }) => status),
      error === undefined ? [201, 200] : [507, 507],
    );
    const after = error === undefined ? ['bridge', 'kept', 'new'] : before;
    for (const { daemon } of observers) t.strictSame(await namesOf(daemon), after);
    t.equal((await create(own.daemon, 'compat', 'last')).status, 201);
    for (const observer of observers) {
      const expected = error === undefined ? ['create new', 'remove gone', 'create last'] : ['create last'];
      const seen = (await eventsOf(observer, 2 + expected.length)).slice(2);
      t.strictSame(seen.toSorted(), expected.toSorted());
    }
    t.strictSame(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    );
  });
}

t.test('a create that is taken back slowly was never there', async (t) => {
  const disk = makeFaultyDisk(t);
  const own = await startDaemon(t, { env: disk.env });
  const neighbour = await observe(t, { folder: own.folder });
  t.equal((await create(own, 'compat', 'kept')).status, 201);
  disk.set([
    { call: 'fsync', on: 'folder', error: 'EIO', times: 1 },
    { call: 'unlink', on: 'temporary', delayMs: 300 },
  ]);
  let isAnswered = false;
  const asking = create(own, 'compat', 'new').finally(() => (isAnswered = true));
  while (!isAnswered) t.strictSame(await namesOf(neighbour.daemon), ['bridge', 'kept']);
  t.equal((await asking).status, 507);
  disk.set([]);
  t.equal((await create(own, 'compat', 'last')).status, 201);
  t.strictSame(await eventsOf(neighbour, 2), ['create kept', 'create last']);
});

t.test('a temporary name that cannot be unlinked hides no network from the neighbours', async (t) => {
  const disk = makeFaultyDisk(t);
  const own = await startDaemon(t, { env: disk.env });
  const neighbour = await startDaemon(t, { folder: own.folder });
  for (const name of ['gone', 'kept']) t.equal((await create(own, 'compat', name)).status, 201);
  t.strictSame(await namesOf(neighbour), ['bridge', 'gone', 'kept']);
  const clinging: DiskFault = { call: 'unlink', on: 'temporary', error: 'ENOSPC' };
  disk.set([clinging]);
  t.equal((await remove(own, 'v4', 'gone')).status, 200);
  t.equal((await create(own, 'compat', 'new')).status, 201);
  disk.set([clinging, { call: 'fsync', on: 'folder', delayMs: windowMs }]);
  const asking = create(own, 'compat', 'late');
  await waitFor(() => existsSync(path.join(own.folder, 'late.conflist')));
  t.strictSame(await namesOf(neighbour), ['bridge', 'kept', 'new'], 'while the next change is under way');
  t.equal((await asking).status, 201);
  t.strictSame(await namesOf(neighbour), ['bridge', 'kept', 'late', 'new']);
  disk.set([]);
  t.equal((await create(own, 'compat', 'last')).status, 201);
  t.strictSame(
    readdirSync(own.folder).filter((name) => name.startsWith('.')),
    [],
    'the next change clears the temporary names',
  );
});

t.test('a daemon that is killed in the middle of a change hides no network from its neighbours', async (t) => {
  const disk = makeFaultyDisk(t);
  const dying = await startDaemon(t, { env: disk.env });
  const { folder } = dying;
  const neighbour = await startDaemon(t, { folder });
  t.equal((await create(dying, 'compat', 'gone')).status, 201);
  disk.set([{ call: 'fsync', on: 'folder', delayMs: windowMs }]);
  const asking = Promise.allSettled([create(dying, 'compat', 'new'), remove(dying, 'compat', 'gone')]);
  await waitFor(() => existsSync(path.join(folder, 'new.conflist')));
  t.strictSame(await namesOf(neighbour), ['bridge', 'gone']);
  await dying.stop('SIGKILL');
  await asking;
  const left = readdirSync(folder);
  const expected = ['new', 'gone'].filter((name) => left.includes(`${name}.conflist`));
  t.strictSame(
    await namesOf(neighbour),
    ['bridge', ...expected].toSorted(),
    'the neighbour shows the files that are there',
  );
  t.equal((await create(neighbour, 'compat', 'next')).status, 201);
  t.strictSame(
    readdirSync(folder).filter((name) => name.startsWith('.')),
    [],
    'the next change clears the leftovers',
  );
});

t.test('a writer is answered at its deadline, and its change is taken back', async (t) => {
  const disk = makeFaultyDisk(t);
  const daemon = await startDaemon(t, { env: disk.env, args: ['--lock-timeout', '0.5'] });
  const { folder } = daemon;
  for (const name of ['kept', 'other']) t.equal((await create(daemon, 'compat', name)).status, 201);
  const text = readFileSync(path.join(folder, 'kept.conflist'), 'utf8');
  disk.set([{ call: 'fsync', on: 'folder', delayMs: windowMs, times: 1 }]);
  const first = create(daemon, 'compat', 'new');
  await waitFor(() => existsSync(path.join(folder, 'new.conflist')));
  const answers = await Promise.all([first, remove(daemon, 'compat', 'kept'), create(daemon, 'v4', 'next')]);
  const message = new RegExp(
    `podnetd itself is still writing changes to ${folder}: waited 500 ms, and nothing of this request stays`,
  );
  for (const { status, text: answer } of answers) {
    t.equal(status, 503, answer);
    t.match(JSON.parse(answer), { message });
  }
  t.strictSame(await namesOf(daemon), ['bridge', 'kept', 'other']);
  await waitFor(() => !existsSync(path.join(folder, 'new.conflist')));
  t.equal((await create(daemon, 'compat', 'last')).status, 201, 'the lane goes on');
  t.strictSame(await namesOf(daemon), ['bridge', 'kept', 'last', 'other']);
  t.strictSame(
    readdirSync(folder).filter((name) => name !== 'cni.lock'),
    ['kept.conflist', 'last.conflist', 'other.conflist'],
  );
  t.equal(readFileSync(path.join(folder, 'kept.conflist'), 'utf8'), text);
});
