import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { KernelLock } from '../../../src/host/file-locks/kernel-lock.js';
import { claimSocketPath } from '../../../src/host/sockets/unix-socket.js';
import { holdAsPodman, shareAsReader } from '../../support/lock-holder.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

/** Local users put files in the place of root's locks, or use a lock file that they may read. */

const never = new AbortController().signal;
const stranger = 4_242;
const skip = missing('python3');

/** @param mode 0755, or 01777 as /run/lock has it */
function makeFolder(t: Test, mode: number): string {
  const folder = makeScratch(t);
  chmodSync(folder, mode);
  return folder;
}

const modeOf = (file: string) => statSync(file).mode & 0o7777;

t.test('a lock file is readable by its owner alone, whatever mode it had', { skip }, async (t) => {
  const file = path.join(makeScratch(t), 'cni.lock');
  const lock = new KernelLock(file);
  t.ok(await lock.acquire(never));
  t.equal(modeOf(file), 0o600);
  lock.release();
  const podmans = path.join(makeFolder(t, 0o755), 'cni.lock');
  writeFileSync(podmans, '', { mode: 0o644 });
  const second = new KernelLock(podmans);
  t.ok(await second.acquire(never));
  t.equal(modeOf(podmans), 0o600);
  second.release();
  await t.rejects(shareAsReader(podmans, stranger), /Permission denied/);
});

t.test("another user's file is refused at once, with its owner and the remedy", { skip }, async (t) => {
  const folder = makeFolder(t, 0o1777);
  const file = path.join(folder, 'podman-cni.lock');
  const target = path.join(makeScratch(t), 'made-by-root');
  const own = path.join(folder, 'own');
  const obstacles: Readonly<Record<string, () => void>> = {
    'a file': () => writeFileSync(file, '', { mode: 0o666 }),
    'a folder': () => mkdirSync(file),
    'a symbolic link': () => symlinkSync(target, file),
    'a file with 2 names': () => {
      writeFileSync(own, 'text', { mode: 0o644 });
      linkSync(own, file);
    },
  };
  for (const [what, put] of Object.entries(obstacles)) {
    put();
    // Both kinds of links lead to root's files.
    const uid = /link|names/.test(what) ? 0 : stranger;
    if (uid === stranger) chownSync(file, stranger, stranger);
    const message = `lock ${file}: ${what} of uid ${uid} is in the way of the lock, which has to be a plain file of this process's user, of root or of the folder's owner; remove it`;
    await t.rejects(new KernelLock(file).acquire(never), { kind: 'storage', message }, what);
    t.equal(new KernelLock(file).isHeldElsewhere(), false);
    rmSync(file, { recursive: true });
  }
  t.notOk(existsSync(target), 'no file is made through a link');
  t.equal(readFileSync(own, 'utf8'), 'text');
  t.equal(modeOf(own), 0o644, 'the other name keeps its mode');
});

t.test(
  "a lock file of the folder's owner is accepted, because that user's Podman takes it too",
  { skip },
  async (t) => {
    const folder = path.join(makeScratch(t), 'net.d');
    mkdirSync(folder);
    const file = path.join(folder, 'cni.lock');
    writeFileSync(file, '', { mode: 0o644 });
    for (const name of [folder, file]) chownSync(name, stranger, stranger);
    const holder = await holdAsPodman(file);
    const lock = new KernelLock(file);
    t.equal(await lock.acquire(AbortSignal.timeout(50)), false);
    await holder.release();
    t.ok(await lock.acquire(never));
    t.equal(modeOf(file), 0o644, "the owner's mode stays");
    lock.release();
  },
);

t.test('a wait for a lock that readers keep ends with an error that names one of them', { skip }, async (t) => {
  const file = path.join(makeFolder(t, 0o755), 'cni.lock');
  writeFileSync(file, '', { mode: 0o644 });
  // The reader opens the file before podnetd changes its mode.
  const reader = await shareAsReader(file, stranger);
  const lock = new KernelLock(file, 50);
  const message = `the network configuration is locked: waited 50 ms for ${file}, held by process ${reader.pid} (python3) of uid ${stranger}, which only reads`;
  await t.rejects(lock.acquire(never), { kind: 'busy', message });
  t.equal(new KernelLock(file).isHeldElsewhere(), false, 'a reader does not count as a holder');
  await reader.release();
  t.ok(await lock.acquire(AbortSignal.timeout(10_000)), 'joins the abandoned wait');
  const writer = new KernelLock(file, 10);
  t.equal(await writer.acquire(AbortSignal.timeout(100)), false, 'waits for a writer until the signal');
  lock.release();
  t.ok(await writer.acquire(AbortSignal.timeout(10_000)));
  writer.release();
});

t.test("another user's file is refused as a socket's lock too", { skip }, async (t) => {
  const socket = path.join(makeFolder(t, 0o1777), 'podnetd.sock');
  writeFileSync(`${socket}.lock`, '', { mode: 0o666 });
  chownSync(`${socket}.lock`, stranger, stranger);
  const holder = await holdAsPodman(`${socket}.lock`);
  await t.rejects(claimSocketPath(socket), {
    message: /^.*podnetd\.sock: a file of uid 4242 is in the way of the lock/,
  });
  await holder.release();
});
