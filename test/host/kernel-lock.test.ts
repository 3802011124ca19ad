import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { KernelLock } from '../../src/host/kernel-lock.js';
import { makeScratch } from '../support/scratch.js';
import { holdAsPodman } from '../support/lock-holder.js';

const never = new AbortController().signal;

t.test('excludes a POSIX record lock of another process, which the kernel names', async (t) => {
  const lockPath = path.join(makeScratch(t), 'cni.lock');
  const holder = await holdAsPodman(lockPath);
  const lock = new KernelLock(lockPath);
  t.equal(await lock.acquire(AbortSignal.timeout(50)), false, 'not while it is held');
  t.match(lock.describeHolder(), new RegExp(`^process ${holder.pid} \\(python3`));
  await holder.release();
  t.equal(await lock.acquire(never), true);
  t.equal(lock.describeHolder(), 'another podnetd', 'a lock of its own kind names no process');
  lock.release();
});

t.test('a holder that dies leaves nothing', async (t) => {
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

t.test('a wait that was given up is joined by the next, or gives the lock back', async (t) => {
  const lockPath = path.join(makeScratch(t), 'cni.lock');
  const [first, second] = [new KernelLock(lockPath), new KernelLock(lockPath)];
  await first.acquire(never);
  t.equal(await second.acquire(AbortSignal.timeout(20)), false);
  const joined = second.acquire(never);
  first.release();
  t.equal(await joined, true, 'joined');
  t.equal(await first.acquire(AbortSignal.timeout(20)), false);
  second.release();
  t.equal(await second.acquire(never), true, 'the abandoned wait gave it back');
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
  t.equal(await rival.acquire(AbortSignal.timeout(20)), false, 'it is the file of that name that is locked');
  lock.release();
});

t.test('a lock that cannot be made is an error of kind storage', async (t) => {
  const folder = makeScratch(t);
  writeFileSync(path.join(folder, 'file'), '');
  const lock = new KernelLock(path.join(folder, 'file', 'cni.lock'));
  await t.rejects(lock.acquire(never), { kind: 'storage', message: /EEXIST|ENOTDIR/ });
});
