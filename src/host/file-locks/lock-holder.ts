import * as fs from 'node:fs';
import path from 'node:path';

/**
 * The holder of the kernel's lock on a file, in words for a message. The kernel names the process of a POSIX lock (Podman's kind), but none for
 * a lock of a file description (podnetd's kind).
 */
export function describeLockHolder(file: string): string {
  try {
    const [kind, access, pid = ''] = findLock(file, 'POSIX|OFDLCK')?.slice(1) ?? [];
    if (kind === undefined) return 'an unknown process';
    const isReader = access === 'READ';
    if (kind === 'OFDLCK') return isReader ? `a process that only reads (fuser ${file} finds it)` : 'another podnetd';
    const holder = `process ${pid} (${fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`;
    return isReader ? `${holder} of uid ${fs.statSync(`/proc/${pid}`).uid}, which only reads` : holder;
  } catch {
    return 'an unknown process';
  }
}

/** Whether any process has a lock of the kernel on a file; false when there is no file. */
export function isLocked(file: string): boolean {
  try {
    return findLock(file, '\\S+') !== undefined;
  } catch {
    return false;
  }
}

/** The kernel prints its list in pages, so a lock that moves to a page that was read already is not seen in that look. */
const looks = 3;

/** @param kinds a regular expression @returns the line of the first such lock on a file, with kind, access and pid @throws Error of node:fs */
function findLock(file: string, kinds: string): RegExpExecArray | undefined {
  const pattern = new RegExp(`^\\d+: (${kinds}) +\\S+ +(READ|WRITE) +(-?\\d+) ${placeOf(file)} `, 'm');
  for (let look = 0; look < looks; look += 1) {
    const found = pattern.exec(fs.readFileSync('/proc/locks', 'utf8'));
    if (found !== null) return found;
  }
  return undefined;
}

/**
 * The processes that have a locked description of a file, which the kernel's list of locks does not name, in words. It looks into all descriptors
 * of this machine that this user may see.
 *
 * source: proc_pid_fdinfo(5), `lock`
 *
 * @returns empty when no process is found
 */
export function findLockHolders(file: string): readonly string[] {
  let place: string;
  try {
    place = ` ${placeOf(file)} `;
  } catch {
    return [];
  }
  return listNumbers('/proc').flatMap((pid) => {
    const folder = path.join('/proc', pid, 'fdinfo');
    const holds = listNumbers(folder).some((fd) =>
      readOrEmpty(path.join(folder, fd))
        .split('\n')
        .some((line) => line.startsWith('lock:') && line.includes(place)),
    );
    return holds ? [`process ${pid} (${readOrEmpty(`/proc/${pid}/comm`).trim()})`] : [];
  });
}

function listNumbers(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function readOrEmpty(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Device and inode of a file, as the kernel's list of locks has them. @throws Error of node:fs */
function placeOf(file: string): string {
  const { ino, dev } = fs.lstatSync(file);
  return `${hex(majorOf(dev))}:${hex(minorOf(dev))}:${ino}`;
}

/** source: glibc sysdeps/unix/sysv/linux/sys/sysmacros.h, for numbers below 2^32 */
function majorOf(device: number): number {
  return (device >>> 8) & 0xfff;
}

function minorOf(device: number): number {
  return (device & 0xff) | ((device >>> 12) & 0xfff00);
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
