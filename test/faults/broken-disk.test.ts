import { mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { dialects, type Dialect } from '../contract/refusals.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeHost } from '../support/host.js';
import { injectFaults, type Fault } from '../support/inject-faults.js';
import { seenBy } from '../support/mount-space.js';
import { makeNetns } from '../support/netns.js';
import { countOpen, settleOpen } from '../support/process-counts.js';
import { rounds } from '../support/rounds.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { missing } from '../support/tools.js';
import {
  checkRecovery,
  checkRefusal,
  create,
  links,
  namesOf,
  pidOf,
  remove,
  renames,
  stats,
  unlinks,
} from './changes.js';

/**
 * Each step of a change fails once, as on a broken disk. The answer names the failed operation and its place, the folder is unchanged, and reads are
 * answered. When the disk is well again, podnetd works.
 */

const skip = missing('strace');

interface Step {
  readonly what: string;
  readonly faults: readonly Fault[];
  /** Paths relative to the folder; `.` is the folder. */
  readonly on?: readonly string[];
  readonly message: RegExp;
  /** Runs before the fault. */
  readonly prepare?: (folder: string) => void;
}

const step = (what: string, calls: string, error: string, message: RegExp, on?: readonly string[]): Step => ({
  what: `${what}: ${error}`,
  faults: [{ calls, error }],
  message: new RegExp(message.source.replace('ERROR', error)),
  ...(on && { on }),
});
const diskErrors = ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'];

const creationSteps: readonly Step[] = [
  ...diskErrors.map((error) => step('opening', 'openat', error, /^write .*\/net\.d\/new\.conflist: ERROR/)),
  ...diskErrors.map((error) => step('syncing the file', 'fsync', error, /^write .*\/net\.d\/new\.conflist: ERROR/)),
  ...diskErrors.map((error) => step('putting in place', links, error, /^link .*\/net\.d\/new\.conflist: ERROR/)),
  ...diskErrors.map((error) => step('syncing the folder', 'fsync', error, /^fsync .*\/net\.d: ERROR/, ['.'])),
  step('opening the folder', 'openat', 'EMFILE', /^fsync .*\/net\.d: ERROR/, ['.']),
  {
    what: 'without hard links, renaming',
    faults: [
      { calls: links, error: 'EPERM' },
      { calls: renames, error: 'EIO' },
    ],
    message: /^link .*\/net\.d\/new\.conflist: EIO/,
  },
  step('locking', 'fcntl', 'EIO', /^lock .*\/cni\.lock: i\/o error/, ['cni.lock']),
  // podnetd takes the lock for a held one, until the wait for it fails as well.
  step('waiting for the lock', 'fcntl', 'EAGAIN', /^lock .*\/cni\.lock: /, ['cni.lock']),
  step('looking at the lock file', stats, 'EIO', /^lock .*\/cni\.lock: ERROR/, ['cni.lock']),
  {
    ...step('opening the lock file', 'openat', 'EROFS', /^lock .*\/cni\.lock: ERROR/, ['cni.lock']),
    prepare: (folder) => unlinkSync(path.join(folder, 'cni.lock')),
  },
  step('asking the kernel for changes', 'recvfrom', 'EPERM', /^read rtnetlink: EPERM/),
];

const removalSteps: readonly Step[] = [
  ...[...diskErrors, 'EACCES'].map((error) =>
    step('setting aside', renames, error, /^unlink .*\/net\.d\/kept\.conflist: ERROR/),
  ),
  ...diskErrors.map((error) => step('syncing the folder', 'fsync', error, /^fsync .*\/net\.d: ERROR/, ['.'])),
  step('opening the folder', 'openat', 'EMFILE', /^fsync .*\/net\.d: ERROR/, ['.']),
  step('locking', 'fcntl', 'EIO', /^lock .*\/cni\.lock: i\/o error/, ['cni.lock']),
];

const changes = [
  {
    change: 'create',
    steps: creationSteps,
    act: async (daemon: TestDaemon, dialect: Dialect) => await create(daemon, dialect, 'new'),
  },
  {
    change: 'remove',
    steps: removalSteps,
    act: async (daemon: TestDaemon, dialect: Dialect) => await remove(daemon, dialect, 'kept'),
  },
];

for (const { change, steps, act } of changes) {
  t.test(`each step of ${change} fails`, { skip }, async (t) => {
    const daemon = await startDaemon(t);
    const { folder } = daemon;
    for (const name of ['kept', 'other']) t.equal((await create(daemon, 'compat', name)).status, 201);
    await checkRecovery(t, daemon, 'before');
    // podnetd watches the folder after this, and so opens no file to find the containers of a network.
    mkdirSync(path.join(daemon.cacheDir, 'results'), { recursive: true });
    t.equal((await daemon.ask('GET', '/networks/other')).status, 200);
    const before = countOpen(pidOf(daemon));
    for (let round = 0; round < rounds(1, 20); round += 1) {
      for (const { what, faults, on = [], message, prepare } of steps) {
        const untouched = snapshotFolder(folder);
        prepare?.(folder);
        const paths = on.map((name) => path.join(folder, name));
        await injectFaults(pidOf(daemon), faults, paths, async () => {
          for (const dialect of dialects) {
            const [answer, reading] = await Promise.all([act(daemon, dialect), daemon.ask('GET', '/networks/other')]);
            checkRefusal(t, dialect, answer, message, what);
            t.equal(reading.status, 200, `${what}: reads are answered`);
          }
        });
        t.strictSame(snapshotFolder(folder), untouched, `${what}: the folder is unchanged`);
        t.strictSame(await namesOf(daemon), ['bridge', 'kept', 'other'], what);
        await checkRecovery(t, daemon, what);
        t.strictSame(snapshotFolder(folder), untouched, `${what}: the folder stays unchanged`);
      }
    }
    // One descriptor more, because a socket of an earlier request may be open.
    const after = await settleOpen(pidOf(daemon), before);
    t.ok(after.descriptors <= before.descriptors + 1, `${after.descriptors} descriptors after ${before.descriptors}`);
    t.ok(after.watches <= before.watches, `${after.watches} watches after ${before.watches}`);
  });
}

t.test('a file that cannot be read comes back by itself', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  const file = path.join(daemon.folder, 'bad.conflist');
  for (const name of ['bad', 'good']) t.equal((await create(daemon, 'compat', name)).status, 201);
  for (const [calls, error] of [
    ['openat', 'EIO'],
    ['?read,?pread64', 'EIO'],
    ['openat', 'EACCES'],
    [stats, 'EIO'],
  ] as const) {
    writeFileSync(file, readFileSync(file));
    await injectFaults(pidOf(daemon), [{ calls, error }], [file], async () => {
      t.strictSame(await namesOf(daemon), ['bridge', 'good'], `${calls}: the other networks are shown`);
      const [problem] = (await daemon.ask('GET', '/podnetd/v1/problems')).json() as readonly {
        readonly reason: string;
      }[];
      t.match(problem, { path: file, reason: new RegExp(`^${error}`) });
      const taken = await create(daemon, 'compat', 'bad');
      t.equal(taken.status, 409, `its name is taken: ${taken.text}`);
    });
    t.strictSame(
      await namesOf(daemon),
      ['bad', 'bridge', 'good'],
      `${calls}: the network is back without a change to the file`,
    );
  }
  await checkRecovery(t, daemon, 'after');
});

const pluginDir = '/usr/lib/cni';

t.test('each step of connect fails', { skip: skip || missing('ip', `${pluginDir}/bridge`) }, async (t) => {
  const host = await makeHost(t);
  const daemon = await startDaemon(t, { netns: host, args: ['--cni-plugin-dir', pluginDir] });
  t.equal((await create(daemon, 'compat', 'web')).status, 201);
  const [box, intents, results] = [
    makeNetns(t),
    path.join(daemon.cacheDir, 'podnetd'),
    path.join(daemon.cacheDir, 'results'),
  ];
  const put = async (action: string) =>
    await daemon.ask('POST', `/v4.3.1/libpod/networks/web/${action}`, { container: box.name });
  const check = async (what: string) => {
    t.strictSame([readdirSync(intents), readdirSync(results)], [[], []], `${what}: the cache has no attachment`);
    t.notMatch(await box.ip('-brief', 'link'), /eth0/, `${what}: nothing is left in the container`);
    const leases = readdirSync(seenBy(pidOf(daemon), '/var/lib/cni/networks/web')).filter((name) => /^\d/.test(name));
    t.strictSame(leases, [], `${what}: no address is leased`);
  };
  for (const action of ['connect', 'disconnect']) t.equal((await put(action)).status, 200);
  await check('at first');
  let intent = '';
  for (const [calls, on, message] of [
    ['fsync', [], /^write .*\/podnetd\/web-.*-eth0: EIO/],
    ['fsync', [intents], /^write .*\/podnetd\/web-.*-eth0: EIO/],
    ['fsync', [results], /^write .*\/results\/web-.*-eth0: EIO/],
    [links, [], /^write .*\/podnetd\/web-.*-eth0: EIO/],
  ] as const) {
    const what = `${calls} ${on.join()}`;
    const answer = await injectFaults(pidOf(daemon), [{ calls, error: 'EIO' }], on, async () => await put('connect'));
    checkRefusal(t, 'v4', answer, message, what);
    intent = / (\S+\/podnetd\/\S+):/.exec(answer.text)?.[1] ?? intent;
    await check(what);
    for (const action of ['connect', 'disconnect']) {
      const { status, text } = await put(action);
      t.equal(status, 200, `${what}: ${action}: ${text}`);
    }
    await check(what);
  }
  // A connect succeeds even if its intent cannot be removed.
  const connected = await injectFaults(
    pidOf(daemon),
    [{ calls: unlinks, error: 'EIO' }],
    [intent],
    async () => await put('connect'),
  );
  t.equal(connected.status, 200, connected.text);
  t.match(await box.ip('-brief', 'link'), /eth0/);
  t.equal((await put('disconnect')).status, 200);
  await check('an intent that stayed');
});
