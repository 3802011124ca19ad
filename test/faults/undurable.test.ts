import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { openEvents, type EventStream } from '../support/event-stream.js';
import { injectFaults } from '../support/inject-faults.js';
import { missing } from '../support/tools.js';
import { create, namesOf, pidOf, remove } from './changes.js';

/** A change that the disk has not yet, or will never have, is in no answer and no event, of the daemon that makes it and of its neighbours. */

const skip = missing('strace');
/** Long enough for a loaded machine to look around in. */
const windowMs = 3_000;

interface Observer {
  readonly daemon: TestDaemon;
  readonly events: EventStream;
}

async function observe(t: Test, folder?: string): Promise<Observer> {
  const daemon = await startDaemon(t, folder === undefined ? {} : { folder });
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
  for (let tries = 0; !isDone() && tries < 1_000; tries += 1) await sleep(2);
}

for (const error of [undefined, 'EIO'] as const) {
  const ending = error === undefined ? 'is slow' : 'fails';
  t.test(`the sync of the folder ${ending}`, { skip }, async (t) => {
    const own = await observe(t);
    const { folder } = own.daemon;
    const observers = [own, await observe(t, folder)];
    for (const name of ['kept', 'gone']) t.equal((await create(own.daemon, 'compat', name)).status, 201);
    for (const observer of observers) await eventsOf(observer, 2);
    const has = (name: string) => existsSync(path.join(folder, `${name}.conflist`));
    const before = ['bridge', 'gone', 'kept'];
    const fault = { calls: 'fsync', delayMs: windowMs, ...(error && { error }) };
    const answers = await injectFaults(pidOf(own.daemon), [fault], [folder], async () => {
      let isAnswered = false;
      const asking = Promise.all([create(own.daemon, 'compat', 'new'), remove(own.daemon, 'v4', 'gone')]).finally(
        () => (isAnswered = true),
      );
      for (let round = 0; round < 2; round += 1) {
        await waitFor(() => isAnswered || (has('new') && !has('gone')) || readdirSync(folder).length > 4);
        for (const { daemon } of observers) {
          const names = await namesOf(daemon);
          const inspected = await daemon.ask('GET', '/v4.3.1/libpod/networks/new/json');
          const exists = await daemon.ask('GET', '/v4.3.1/libpod/networks/gone/exists');
          if (isAnswered) continue;
          t.strictSame(names, before, 'the list');
          t.equal(inspected.status, 404, 'what is about to come');
          t.equal(exists.status, 204, 'what is about to go');
        }
        await sleep(100);
      }
      return await asking;
    });
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

t.test('a daemon that is killed in the middle of a change hides nothing from its neighbours', { skip }, async (t) => {
  const dying = await startDaemon(t);
  const { folder } = dying;
  const neighbour = await startDaemon(t, { folder });
  t.equal((await create(dying, 'compat', 'gone')).status, 201);
  await injectFaults(pidOf(dying), [{ calls: 'fsync', delayMs: windowMs }], [folder], async () => {
    const asking = Promise.allSettled([create(dying, 'compat', 'new'), remove(dying, 'compat', 'gone')]);
    await waitFor(() => existsSync(path.join(folder, 'new.conflist')));
    t.strictSame(await namesOf(neighbour), ['bridge', 'gone']);
    dying.process.kill('SIGKILL');
    await asking;
  });
  const left = readdirSync(folder);
  const expected = ['new', 'gone'].filter((name) => left.includes(`${name}.conflist`));
  t.strictSame(await namesOf(neighbour), ['bridge', ...expected].toSorted(), 'it shows what is there');
  t.equal((await create(neighbour, 'compat', 'next')).status, 201);
  t.strictSame(
    readdirSync(folder).filter((name) => name.startsWith('.')),
    [],
    'and the next change clears what was left',
  );
});

t.test('a writer is answered at its deadline, and its change is taken back', { skip }, async (t) => {
  const daemon = await startDaemon(t, { args: ['--lock-timeout', '0.5'] });
  const { folder } = daemon;
  for (const name of ['kept', 'other']) t.equal((await create(daemon, 'compat', name)).status, 201);
  const text = readFileSync(path.join(folder, 'kept.conflist'), 'utf8');
  await injectFaults(pidOf(daemon), [{ calls: 'fsync', delayMs: windowMs }], [folder], async () => {
    const first = create(daemon, 'compat', 'new');
    await waitFor(() => existsSync(path.join(folder, 'new.conflist')));
    const answers = await Promise.all([first, remove(daemon, 'compat', 'kept'), create(daemon, 'v4', 'next')]);
    const message = new RegExp(
      `podnetd itself is still writing changes to ${folder}: waited 500 ms, and nothing of this`,
    );
    for (const { status, text: answer } of answers) {
      t.equal(status, 503, answer);
      t.match(JSON.parse(answer), { message });
    }
    t.strictSame(await namesOf(daemon), ['bridge', 'kept', 'other']);
    await waitFor(() => !existsSync(path.join(folder, 'new.conflist')));
  });
  t.strictSame(await namesOf(daemon), ['bridge', 'kept', 'other']);
  t.strictSame(
    readdirSync(folder).filter((name) => name !== 'cni.lock'),
    ['kept.conflist', 'other.conflist'],
  );
  t.equal(readFileSync(path.join(folder, 'kept.conflist'), 'utf8'), text);
  t.equal((await create(daemon, 'compat', 'new')).status, 201, 'and the lane goes on');
});
