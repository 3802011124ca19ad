import { readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { KernelLock } from '../../../src/host/file-locks/kernel-lock.js';
import { makeScratch } from '../../support/scratch.js';
import { holdAsPodman, shareAsReader } from '../../support/lock-holder.js';

const never = new AbortController().signal;

t.test('excludes a POSIX record lock of another process, which the kernel names', async (t) => {
  const lockPath = path.join(makeScratch(t), 'cni.lock');
  const holder = await holdAsPodman(lockPath);
  const lock = new KernelLock(lockPath);
  t.equal(await lock.acquire(AbortSignal.timeout(50)), false, 'not while the process holds it');
  t.match(lock.describeHolder(), new RegExp(`^process ${holder.pid} \\(python3`));
  await holder.release();
  t.equal(await lock.acquire(never), true);
  t.equal(lock.describeHolder(), 'another podnetd', 'a lock of its own kind names no process');
  lock.release();
});

t.test('the lock of a killed holder is free', async (t) => {
  const lockPath = path.join(makeScratch(t), 'cni.lock');
  const holder = await holdAsPodman(lockPath);
  const lock = new KernelLock(lockPath);
  const acquired = lock.acquire(never);
  await holder.kill();
  t.equal(await acquired, true);
  lock.release();
});

t.test('two locks of one process exclude each other', async (t) => {
  const lockPath = path.join(makeScratch(t), 'cni.lock');
  const [first, second] = [new KernelLock(lockPath), new KernelLock(lockPath)];
  t.equal(await first.acquire(never), true);
  const waiting = second.acquire(never);
  t.equal(second.isWaiting(), true);
  first.release();
  t.equal(await waiting, true);
  second.release();
});

t.test('the next acquire joins an abandoned wait, or the wait releases the lock', async (t) => {
  const lockPath = path.join(makeScratch(t), 'cni.lock');
  const [first, second] = [new KernelLock(lockPath), new KernelLock(lockPath)];
  await first.acquire(never);
  t.equal(await second.acquire(AbortSignal.timeout(20)), false);
  const joined = second.acquire(never);
  first.release();
  t.equal(await joined, true, 'joined');
  t.equal(await first.acquire(AbortSignal.timeout(20)), false);
  second.release();
  t.equal(await second.acquire(never), true, 'the abandoned wait released the lock');
  second.release();
});

t.test('a lock file that is deleted or replaced is opened anew', async (t) => {
  const lockPath = path.join(makeScratch(t), 'cni.lock');
  const lock = new KernelLock(lockPath);
  await lock.acquire(never);
  lock.release();
  rmSync(lockPath);
  writeFileSync(lockPath, '');
  t.equal(await lock.acquire(never), true);
  const rival = new KernelLock(lockPath);
  t.equal(await rival.acquire(AbortSignal.timeout(20)), false, 'the lock is on the new file');
  lock.release();
});

t.test('a lock that cannot be made is an error of kind storage', async (t) => {
  const folder = makeScratch(t);
  writeFileSync(path.join(folder, 'file'), '');
  const lock = new KernelLock(path.join(folder, 'file', 'cni.lock'));
  await t.rejects(lock.acquire(never), { kind: 'storage', message: /EEXIST|ENOTDIR/ });
});

t.test('the bound on readers outlives a collection of garbage', async (t) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const lockPath = path.join(makeScratch(t), 'cni.lock');
  writeFileSync(lockPath, '', { mode: 0o644 });
  const reader = await shareAsReader(lockPath);
  const lock = new KernelLock(lockPath, 200);
  const given = new AbortController();
  const refused = t.rejects(lock.acquire(given.signal), { kind: 'busy', message: /which only reads/ });
  await sleep(20);
  collectGarbage();
  const late = setTimeout(() => given.abort(), 5_000);
  await refused;
  clearTimeout(late);
  await reader.release();
});

/** Number of descriptors of this process that are open on a file. */
const openOn = (file: string) =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      return false;
    }
  }).length;

/** Waits until no descriptor is open on a file. @returns how many are still open in the end */
async function settle(file: string): Promise<number> {
  for (let tries = 0; tries < 500 && openOn(file) > 0; tries += 1) await sleep(10);
  return openOn(file);
}

t.test('an abandoned wait leaves no descriptor, even if the unlock fails', async (t) => {
  const locks = createRequire(import.meta.url)('fs-native-extensions') as { unlock(fd: number): void };
  const { unlock } = locks;
  t.teardown(() => (locks.unlock = unlock));
  for (const fails of [false, true]) {
    const lockPath = path.join(makeScratch(t), 'cni.lock');
    const holder = await holdAsPodman(lockPath);
    const lock = new KernelLock(lockPath);
    t.equal(await lock.acquire(AbortSignal.timeout(50)), false);
    locks.unlock = (fd) => {
      if (fails) throw new Error('EIO');
      unlock(fd);
    };
    await holder.release();
    t.equal(await settle(lockPath), 0);
    locks.unlock = unlock;
    const next = new KernelLock(lockPath);
    t.equal(await next.acquire(AbortSignal.timeout(5_000)), true, 'and no lock');
    next.release();
    t.equal(await settle(lockPath), 0);
  }
});

t.test('isHeldElsewhere reports another holder without waiting', async (t) => {
  const lockPath = path.join(makeScratch(t), 'cni.lock');
  const [own, other] = [new KernelLock(lockPath), new KernelLock(lockPath)];
  t.equal(own.isHeldElsewhere(), false, 'the file is missing');
  t.equal(await other.acquire(never), true);
  t.equal(own.isHeldElsewhere(), true);
  t.equal(other.isHeldElsewhere(), false, 'its own lock does not count');
  other.release();
  t.equal(own.isHeldElsewhere(), false);
  t.equal(await other.acquire(never), true, 'the question left no lock');
  other.release();
});
