import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeFaultyDisk, type DiskFault } from '../support/faulty-disk.js';
import { checkRecovery, checkRefusal, create, namesOf, remove } from './changes.js';

/** The faulty disk of other tests fails for each kind of call, within the daemon, and only on the chosen file. */

const creationFaults: readonly (readonly [DiskFault, RegExp])[] = [
  [{ call: 'fsync', on: 'new.conflist', error: 'EIO' }, /^write .*\/new\.conflist: EIO/],
  [{ call: 'fstat', on: 'new.conflist', error: 'EIO' }, /^write .*\/new\.conflist: EIO/],
  [{ call: 'link', on: 'new.conflist', error: 'ENOSPC' }, /^link .*\/new\.conflist: ENOSPC/],
  [{ call: 'fsync', on: 'folder', error: 'EIO' }, /^fsync .*\/net\.d: EIO/],
];

t.test('a faulty disk', async (t) => {
  const disk = makeFaultyDisk(t);
  const daemon = await startDaemon(t, { env: disk.env });
  t.equal((await create(daemon, 'compat', 'kept')).status, 201);
  t.strictSame(disk.takeHits(), [], 'no failure at first');
  for (const [fault, message] of creationFaults) {
    const what = `${fault.call} of ${fault.on}`;
    disk.set([fault]);
    checkRefusal(t, 'compat', await create(daemon, 'compat', 'new'), message, what);
    t.match(disk.takeHits()[0], { call: fault.call, isUndo: false }, `${what}: the fault was injected`);
    if (fault.on !== 'folder')
      t.equal((await create(daemon, 'compat', 'other')).status, 201, `${what}: another file does not fail`);
    disk.set([]);
    if (fault.on !== 'folder') t.equal((await remove(daemon, 'compat', 'other')).status, 204);
    t.strictSame(await namesOf(daemon), ['bridge', 'kept'], what);
    await checkRecovery(t, daemon, what);
  }
  disk.set([{ call: 'rename', on: 'kept.conflist', error: 'EBUSY' }]);
  checkRefusal(t, 'compat', await remove(daemon, 'compat', 'kept'), /\/kept\.conflist: EBUSY/, 'a removal');
  t.equal(disk.takeHits().length, 1);
  disk.set([]);
  await checkRecovery(t, daemon, 'at last');
  disk.set([{ call: 'stat', on: 'new.conflist', error: 'EIO' }]);
  t.equal((await create(daemon, 'compat', 'new')).status, 201, 'the file is whole and durable without a look at it');
  t.match(disk.takeHits()[0], { call: 'stat' });
  disk.set([]);
  t.strictSame(await namesOf(daemon), ['bridge', 'kept', 'new']);
});

t.test('faults of taking back', async (t) => {
  const disk = makeFaultyDisk(t);
  const daemon = await startDaemon(t, { env: disk.env });
  const file = path.join(daemon.folder, 'kept.conflist');
  t.equal((await create(daemon, 'compat', 'kept')).status, 201);
  const atFolder: DiskFault = { call: 'fsync', on: 'folder', error: 'EIO', delayMs: 20 };
  const back = (['rename', 'link'] as const).map((call): DiskFault => ({ call, on: 'any', error: 'EIO', undo: true }));
  for (const [faults, isBack] of [
    [[atFolder], true],
    [[atFolder, ...back], false],
  ] as const) {
    disk.set(faults);
    const refused = await remove(daemon, 'compat', 'kept');
    t.equal(refused.status, 507, refused.text);
    t.equal(existsSync(file), isBack, refused.text);
    t.equal(
      disk.takeHits().some(({ isUndo }) => isUndo),
      !isBack,
    );
  }
  t.notSame(readdirSync(daemon.folder), [], 'the file is under another name');
});
