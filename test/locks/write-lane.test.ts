import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { Files } from '../../src/host/files/files.js';
import { makeLane } from '../support/lane.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const never = new AbortController().signal;

class RemoteFiles extends Files {
  override isLocal(): boolean {
    return false;
  }
}

t.test('one holder at a time, without a lock folder on a local file system', async (t) => {
  const folder = makeScratch(t);
  const lanes = [makeLane(folder), makeLane(folder), makeLane(folder)];
  const lockFolder = path.join(folder, 'cni.lock.lock');
  let holders = 0;
  const hold = async (lane: (typeof lanes)[number]) =>
    await lane.hold(never, async (held) => {
      holders += 1;
      t.equal(holders, 1);
      t.notOk(existsSync(lockFolder), "the kernel's lock suffices");
      t.ok(held.isValid());
      await new Promise((resolve) => setTimeout(resolve, 5));
      holders -= 1;
    });
  t.same(await Promise.all(lanes.map(hold)), [true, true, true]);
});

t.test('on a shared file system the lock folder exists while the lane is held', async (t) => {
  const folder = makeScratch(t);
  const lockFolder = path.join(folder, 'cni.lock.lock');
  const entered = await makeLane(folder, new RemoteFiles()).hold(never, async (held) => {
    t.ok(existsSync(lockFolder));
    t.ok(held.isValid());
  });
  t.ok(entered);
  t.notOk(existsSync(lockFolder));
});

t.test('an error inside releases the lane', async (t) => {
  const lane = makeLane(makeScratch(t));
  const failing = lane.hold(never, async () => {
    throw new Error('inside');
  });
  await t.rejects(failing, { message: 'inside' });
  t.equal(await lane.hold(never, async () => undefined), true);
});

t.test("a dead process's lock folder on a local file system costs no wait", async (t) => {
  const folder = makeScratch(t);
  mkdirSync(path.join(folder, 'cni.lock.lock'));
  let entered = false;
  t.equal(await makeLane(folder).hold(AbortSignal.timeout(5_000), async () => void (entered = true)), true);
  t.ok(entered);
});

t.test('on a shared file system a fresh lock folder holds the lane, a stale one does not', async (t) => {
  const folder = makeScratch(t);
  const lockFolder = path.join(folder, 'cni.lock.lock');
  const lane = makeLane(folder, new RemoteFiles());
  mkdirSync(lockFolder);
  const use = async () => undefined;
  t.equal(await lane.hold(AbortSignal.timeout(200), use), false);
  t.match(lane.describeObstacle(200), {
    kind: 'busy',
    message: /waited 200 ms for .*cni\.lock\.lock, held by another machine/,
  });
  t.ok(existsSync(lockFolder), 'the lock folder stays');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(lockFolder, longAgo, longAgo);
  t.equal(await lane.hold(AbortSignal.timeout(5_000), use), true);
});

t.test(
  "another user's lock folder, a file or a link in its place is refused at once",
  { skip: missing() },
  async (t) => {
    const folder = makeScratch(t);
    chmodSync(folder, 0o1777);
    const lockFolder = path.join(folder, 'cni.lock.lock');
    const target = path.join(makeScratch(t), 'target');
    const longAgo = new Date(Date.now() - 60_000);
    const obstacles: Readonly<Record<string, () => void>> = {
      'a folder of uid 4242': () => {
        mkdirSync(lockFolder);
        chownSync(lockFolder, 4_242, 4_242);
      },
      'a symbolic link of uid 0': () => {
        mkdirSync(target);
        utimesSync(target, longAgo, longAgo);
        symlinkSync(target, lockFolder);
      },
      'a file of uid 0': () => writeFileSync(lockFolder, ''),
    };
    for (const [what, put] of Object.entries(obstacles)) {
      put();
      const lane = makeLane(folder, new RemoteFiles());
      const message = `lock ${lockFolder}: ${what} is in the way of the lock, which has to be a plain folder of this process's user, of root or of the folder's owner; remove it`;
      await t.rejects(
        lane.hold(AbortSignal.timeout(5_000), async () => undefined),
        { kind: 'storage', message },
        what,
      );
      rmSync(lockFolder, { recursive: true });
    }
    t.ok(existsSync(target));
  },
);
