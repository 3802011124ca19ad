import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { connect } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { AddonError, fileLocks } from '../own-process/addons.js';
import { ListenError } from './listen-error.js';
import { openLockFile } from '../file-locks/lock-entry.js';
import { codeOf, reasonOf } from '../native-error.js';
import { SocketName } from './socket-name.js';
import { maxSocketPathBytes } from './socket-path.js';

/**
 * The right to one socket path. The holder binds and listens on `bindPath`, which no other user can reach, then publishes it as `path`.
 * A kernel lock on `<path>.lock`, held until `withdraw`, gives the path to exactly one of all podnetds that start at once, and keeps the others
 * from removing its socket. The kernel releases the lock when the holder ends.
 */
export interface SocketClaim {
  readonly path: string;
  readonly bindPath: string;
  /** Gives the bound socket its mode, group and name, in this order. @throws Error of node:fs */
  publish(access: SocketAccess): SocketName;
  /** Removes the socket if it is still the published one. It must still be open, because the kernel gives its inode number away after that. */
  withdraw(): void;
}

export interface SocketAccess {
  readonly mode: number;
  /** Number of the group; undefined for the group of this process, or of the folder where that has the set-group-ID bit. */
  readonly gid: number | undefined;
}

const rootId = 0;

const longestFarewellMs = 1_000;

/**
 * Claims a path on which no process listens; a dead process's socket may be there. A missing folder is made.
 *
 * @throws ListenError, AddonError
 */
export async function claimSocketPath(socketPath: string): Promise<SocketClaim> {
  const path = resolve(socketPath);
  // This private folder keeps the socket out of reach until it has its mode and group.
  const privateFolder = join(dirname(path), `.${basename(path)}`);
  // A random name, because Node deletes it when the socket closes, and by then the next podnetd may have bound here.
  const bindPath = join(privateFolder, randomBytes(3).toString('hex'));
  const spareBytes = maxSocketPathBytes - Buffer.byteLength(bindPath);
  if (spareBytes < 0) throw new ListenError(`${path}: too long for a socket by ${-spareBytes} bytes`);
  return await describing(path, async () => {
    makeFolder(dirname(path));
    refuseForeignFolder(dirname(path));
    const lockFd = lock(path);
    try {
      const dead = await findDeadSocket(path);
      removePrivateFolder(privateFolder);
      fs.mkdirSync(privateFolder, { mode: 0o700 });
      return new Claim(path, bindPath, lockFd, dead);
    } catch (error) {
      unlock(path, lockFd);
      throw error;
    }
  });
}

class Claim implements SocketClaim {
  #published: fs.BigIntStats | undefined;
  #withdrawn = false;

  constructor(
    readonly path: string,
    readonly bindPath: string,
    private readonly lockFd: number,
    private readonly dead: fs.BigIntStats | undefined,
  ) {}

  publish({ mode, gid }: SocketAccess): SocketName {
    if (gid !== undefined) giveToGroup(this.bindPath, gid);
    fs.chmodSync(this.bindPath, mode);
    const made = fs.lstatSync(this.bindPath, { bigint: true });
    const found = lookAt(this.path);
    if (found !== undefined && this.dead !== undefined && isUntouched(found, this.dead)) fs.unlinkSync(this.path);
    // Unlike rename(2), link(2) never replaces a file that a program without our lock put there meanwhile.
    fs.linkSync(this.bindPath, this.path);
    this.#published = made;
    removePrivateFolder(dirname(this.bindPath));
    return new SocketName(this.path, made);
  }

  withdraw(): void {
    if (this.#withdrawn) return;
    this.#withdrawn = true;
    try {
      const found = lookAt(this.path);
      if (found !== undefined && this.#published !== undefined && isSameFile(found, this.#published)) {
        fs.unlinkSync(this.path);
      }
      removePrivateFolder(dirname(this.bindPath));
    } finally {
      unlock(this.path, this.lockFd);
    }
  }
}

/** The socket that a dead process left at a path. @throws ListenError when any process listens there, or when the file is no socket */
async function findDeadSocket(path: string): Promise<fs.BigIntStats | undefined> {
  const found = lookAt(path);
  if (found === undefined) return undefined;
  if (!found.isSocket()) throw new ListenError(`${path}: exists and is not a socket`);
  const code = await tryConnecting(path);
  if (code === 'ENOENT') return undefined;
  if (code === 'ECONNREFUSED') return found;
  if (code === 'EACCES' || code === 'EPERM') throw new ListenError(`${path}: this socket belongs to another user`);
  throw alreadyListening(path);
}

/** Connects and says goodbye: a cut connection would be an error to a server that speaks first. @returns the error's code, if any */
async function tryConnecting(path: string): Promise<string | undefined> {
  return await new Promise((settle) => {
    let code: string | undefined;
    const socket = connect(path, () => socket.end());
    socket.resume().setTimeout(longestFarewellMs, () => socket.destroy());
    socket.on('error', (error) => (code ??= codeOf(error)));
    socket.on('close', () => settle(code));
  });
}

function lock(path: string): number {
  for (;;) {
    const fd = openLockFile(lockPathOf(path));
    let isOurs = false;
    try {
      if (!fileLocks().tryLock(fd)) throw alreadyListening(path);
      // The last holder may have removed the file between our open and our lock, which would then exclude no other process.
      isOurs = isNamed(lockPathOf(path), fd);
      if (isOurs) return fd;
    } finally {
      if (!isOurs) fs.closeSync(fd);
    }
  }
}

/** Removes the file before the release, so that a process that opened it earlier sees that its lock has no name any more. */
function unlock(path: string, fd: number): void {
  try {
    if (isNamed(lockPathOf(path), fd)) fs.unlinkSync(lockPathOf(path));
  } finally {
    fs.closeSync(fd);
  }
}

function lockPathOf(path: string): string {
  return `${path}.lock`;
}

/** Makes the missing folders, whatever the umask: root's let all users pass, a user's are that user's alone. */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; !fs.existsSync(at); at = dirname(at)) missing.unshift(at);
  const mode = process.geteuid?.() === rootId ? 0o755 : 0o700;
  for (const each of missing) {
    try {
      fs.mkdirSync(each, { mode });
      fs.chmodSync(each, mode);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** Refuses a folder that another user made in one such as /tmp, or a link to it, because podnetd would trust that user. */
function refuseForeignFolder(folder: string): void {
  for (const start of new Set([folder, fs.realpathSync(folder)])) {
    for (let at = start; at !== dirname(at); at = dirname(at)) {
      const { uid } = fs.lstatSync(at);
      if (uid === rootId || uid === process.geteuid?.()) continue;
      if ((fs.statSync(dirname(at)).mode & 0o002) === 0) continue;
      throw new ListenError(
        `${at}: belongs to another user (uid ${uid}) and lies in a folder that everyone may write to`,
      );
    }
  }
}

function giveToGroup(bindPath: string, gid: number): void {
  try {
    fs.chownSync(bindPath, -1, gid);
  } catch (error) {
    throw new Error(`cannot be given to group ${gid}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Removes the private folder, also one that a crash left, but never another user's file: a link there could lead the removal anywhere. */
function removePrivateFolder(folder: string): void {
  const found = lookAt(folder);
  if (found === undefined) return;
  if (!found.isDirectory() || found.uid !== BigInt(process.geteuid?.() ?? rootId)) {
    throw new ListenError(`${folder}: in the way, and not made by podnetd`);
  }
  for (const name of fs.readdirSync(folder)) fs.unlinkSync(join(folder, name));
  fs.rmdirSync(folder);
}

function lookAt(path: string): fs.BigIntStats | undefined {
  return fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

function isNamed(path: string, fd: number): boolean {
  const named = lookAt(path);
  return named !== undefined && isSameFile(named, fs.fstatSync(fd, { bigint: true }));
}

function isSameFile(one: fs.BigIntStats, other: fs.BigIntStats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

/** Whether two stats are of one file. The kernel may reuse the inode number of a closed file, but not with the same ctime. */
function isUntouched(one: fs.BigIntStats, other: fs.BigIntStats): boolean {
  return isSameFile(one, other) && one.ctimeNs === other.ctimeNs;
}

function alreadyListening(path: string): ListenError {
  return new ListenError(`${path}: another process is listening on this socket`);
}

/** Runs a step and turns its native errors into ones that name the socket. @throws ListenError, AddonError */
export async function describing<T>(path: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ListenError || error instanceof AddonError) throw error;
    throw new ListenError(`${path}: ${reasonOf(error)}`, { cause: error });
  }
}
