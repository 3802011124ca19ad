import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { ListenError } from './listen-error.js';

export interface InheritedSocket {
  readonly fd: number;
  /** From `FileDescriptorName=`; systemd's own default is the name of the socket unit. */
  readonly name: string;
}

/** As pino has it. */
export interface WarningLog {
  warn(details: object, message: string): void;
}

/** source: sd_listen_fds(3) */
const firstInheritedFd = 3;
const handOverVariables = ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'];

const notifyTimeoutMs = 5_000;

/**
 * The sockets that the service manager opened for this very process; none when they are meant for another one.
 * Removes the variables from `env`, so that neither a child nor a second call takes them for its own.
 *
 * @throws ListenError when the variables make no sense
 */
export function takeInheritedSockets(env: NodeJS.ProcessEnv): readonly InheritedSocket[] {
  const { LISTEN_FDS: count, LISTEN_PID: pid, LISTEN_FDNAMES: names } = env;
  for (const variable of handOverVariables) delete env[variable];
  if (count === undefined || pid !== String(process.pid)) return [];
  if (!/^\d{1,4}$/.test(count)) throw new ListenError(`LISTEN_FDS=${count}: not a number of sockets`);
  const nameOf = names?.split(':') ?? [];
  return Array.from({ length: Number(count) }, (_, index) => ({
    fd: firstInheritedFd + index,
    name: nameOf[index] || 'unknown',
  }));
}

/**
 * Refuses a descriptor that is not a listening Unix stream socket, as far as the kernel shows it: a socket made in another network
 * namespace (a container's engine hands such ones in) is not in our `/proc/net/unix`, and is left to listen(2) to judge.
 *
 * @returns the path it is bound to, where it is known
 * @throws ListenError
 */
export function checkInheritedSocket({ fd, name }: InheritedSocket): string | undefined {
  const subject = `inherited socket ${name} (descriptor ${fd})`;
  const inode = inodeOfSocket(fd);
  if (inode === undefined) throw new ListenError(`${subject}: not a socket`);
  const entry = readUnixSockets().get(inode);
  if (entry === undefined) return undefined;
  if (entry.type !== streamType) throw new ListenError(`${subject}: not a stream socket; use ListenStream=`);
  if ((entry.flags & acceptingFlag) === 0) throw new ListenError(`${subject}: not a listening socket; use Accept=no`);
  return entry.path;
}

/** READY=1. Does nothing without a service manager; a failure is logged, as the manager notices by itself that nothing came. */
export async function notifyReady(log: WarningLog, env = process.env): Promise<void> {
  await notify('--ready', log, env);
}

/** STOPPING=1; see {@link notifyReady}. */
export async function notifyStopping(log: WarningLog, env = process.env): Promise<void> {
  await notify('STOPPING=1', log, env);
}

/** Node has no Unix datagram sockets, hence the child; it returns once the manager has read the message. */
async function notify(message: string, log: WarningLog, env: NodeJS.ProcessEnv): Promise<void> {
  if (!env['NOTIFY_SOCKET']) return;
  try {
    await promisify(execFile)('systemd-notify', [message], { env, timeout: notifyTimeoutMs });
  } catch (error) {
    log.warn({ err: error, notification: message }, 'the service manager could not be notified');
  }
}

interface UnixSocket {
  readonly flags: number;
  readonly type: number;
  readonly path: string | undefined;
}

/** source: linux net/unix/af_unix.c unix_seq_show, include/linux/net.h */
const unixSocketLine = /^\S+: \S+ \S+ (?<flags>\S+) (?<type>\S+) \S+ +(?<inode>\d+)(?: (?<path>.*))?$/gm;
const streamType = 1;
const acceptingFlag = 0x10000;

/** By inode; of this process's network namespace only. */
function readUnixSockets(): ReadonlyMap<number, UnixSocket> {
  const sockets = new Map<number, UnixSocket>();
  for (const { groups } of fs.readFileSync('/proc/net/unix', 'utf8').matchAll(unixSocketLine)) {
    sockets.set(Number(groups?.['inode']), {
      flags: Number.parseInt(groups?.['flags'] ?? '', 16),
      type: Number.parseInt(groups?.['type'] ?? '', 16),
      path: groups?.['path'],
    });
  }
  return sockets;
}

function inodeOfSocket(fd: number): number | undefined {
  try {
    const found = fs.fstatSync(fd);
    return found.isSocket() ? found.ino : undefined;
  } catch {
    return undefined;
  }
}
