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
 * The right to one socket path. Bind and listen on `bindPath`, which nobody else can reach, then `publish` it under its name.
 * All of it happens under a kernel lock on `<path>.lock` that dies with its holder, so of any number of podnetd's started at once exactly one
 * gets the path, and none can take away what another one made. The lock is held until `withdraw`.
 */
export interface SocketClaim {
  readonly path: string;
  readonly bindPath: string;
  /** Gives the bound socket its mode, group and name, in this order. @throws Error of node:fs */
  publish(access: SocketAccess): SocketName;
  /** Removes the socket if it is still the one that was published. To be called while it is open: that pins its inode number. */
  withdraw(): void;
}

export interface SocketAccess {
  readonly mode: number;
  /** Undefined: the group of this process, or of the folder where that has the set-group-ID bit. */
  readonly gid: number | undefined;
}

const rootId = 0;

const longestFarewellMs = 1_000;

/**
 * Makes the folder if it is missing, and makes sure that nobody listens on `path`: a socket that a dead process left is fine.
 *
 * @throws ListenError, AddonError
 */
export async function claimSocketPath(socketPath: string): Promise<SocketClaim> {
  const path = resolve(socketPath);
  // A folder of our own is what keeps the socket out of reach until it has its mode and group.
  const privateFolder = join(dirname(path), `.${basename(path)}`);
  // A name of its own, as Node deletes it again when the socket closes, and by then the next podnetd may be binding here.
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
    // Unlike rename(2), link(2) never replaces what a stranger, who knows nothing of our lock, put there meanwhile.
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

/** @throws ListenError when another process, which need not be a podnetd, listens there, or when it is not a socket at all */
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

/** Takes leave in peace: cutting the connection would be an error to a server that speaks first. */
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
      // Its last holder may have removed the file between our opening and locking it; such a lock excludes nobody.
      isOurs = isNamed(lockPathOf(path), fd);
      if (isOurs) return fd;
    } finally {
      if (!isOurs) fs.closeSync(fd);
    }
  }
}

/** The file goes first: who opened it before then sees that what it locked has no name any more. */
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

/** What is missing is made for all users to pass through by root, and for nobody else by a user; whatever the umask. */
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

/** In a folder such as /tmp anyone can have made the folder that we are about to trust, or a link to one. */
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

/** Also what a crash left of one, but never what is not ours: a link there could lead the removal anywhere. */
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

/** Of a file that nobody holds open the inode number may have been given away again; its time of change tells. */
function isUntouched(one: fs.BigIntStats, other: fs.BigIntStats): boolean {
  return isSameFile(one, other) && one.ctimeNs === other.ctimeNs;
}

function alreadyListening(path: string): ListenError {
  return new ListenError(`${path}: another process is listening on this socket`);
}

/** Runs what may fail with a native error and says which socket it was about. */
export async function describing<T>(path: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ListenError || error instanceof AddonError) throw error;
    throw new ListenError(`${path}: ${reasonOf(error)}`, { cause: error });
  }
}
