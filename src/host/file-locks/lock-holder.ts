import * as fs from 'node:fs';

/**
 * The holder of the kernel's lock on a file, in words for a message. The kernel names the process of a POSIX lock (Podman's kind), but none for
 * a lock of a file description (podnetd's kind).
 */
export function describeLockHolder(file: string): string {
  try {
    const { ino, dev } = fs.lstatSync(file);
    const device = `${hex(majorOf(dev))}:${hex(minorOf(dev))}`;
    const pattern = new RegExp(`^\\d+: (POSIX|OFDLCK) +\\S+ +(READ|WRITE) +(-?\\d+) ${device}:${ino} `, 'm');
    const [, kind, access, pid = ''] = pattern.exec(fs.readFileSync('/proc/locks', 'utf8')) ?? [];
    if (kind === undefined) return 'an unknown process';
    const isReader = access === 'READ';
    if (kind === 'OFDLCK') return isReader ? `a process that only reads (fuser ${file} finds it)` : 'another podnetd';
    const holder = `process ${pid} (${fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`;
    return isReader ? `${holder} of uid ${fs.statSync(`/proc/${pid}`).uid}, which only reads` : holder;
  } catch {
    return 'an unknown process';
  }
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
