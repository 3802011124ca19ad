import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { ListenError } from './listen-error.js';

export interface InheritedSocket {
  readonly fd: number;
  /** From `FileDescriptorName=`; systemd's own default is the name of the socket unit. */
  readonly name: string;
}

/** The part of pino's logger that warnings need. */
export interface WarningLog {
  warn(details: object, message: string): void;
}

/** source: sd_listen_fds(3) */
const firstInheritedFd = 3;
const handOverVariables = ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'];

const notifyTimeoutMs = 5_000;

/**
 * The sockets that the service manager opened for this process; none when it opened them for another one.
 * The variables are removed from `env`, so that neither a child nor a second call takes the sockets for its own.
 *
 * @throws ListenError when LISTEN_FDS is no number
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

/** For the message of an error. */
export function describeInherited({ fd, name }: InheritedSocket): string {
  return `inherited socket ${name} (descriptor ${fd})`;
}

/**
 * Refuses a descriptor that is not a listening Unix stream socket. A socket from another network namespace, as a container engine hands in,
 * passes, because `/proc/net/unix` does not show it; listen(2) judges that one.
 *
 * @returns the path that the socket is bound to; undefined where the kernel does not show it
 * @throws ListenError
 */
export function checkInheritedSocket(socket: InheritedSocket): string | undefined {
  const subject = describeInherited(socket);
  const inode = inodeOfSocket(socket.fd);
  if (inode === undefined) throw new ListenError(`${subject}: not a socket`);
  const entry = readUnixSockets().get(inode);
  if (entry === undefined) return undefined;
  if (entry.type !== streamType) throw new ListenError(`${subject}: not a stream socket; use ListenStream=`);
  if ((entry.flags & acceptingFlag) === 0) throw new ListenError(`${subject}: not a listening socket; use Accept=no`);
  return entry.path;
}

/** Sends READY=1 to the service manager, if there is one. A failure is logged only, because the manager's start timeout ends the wait for it. */
export async function notifyReady(log: WarningLog, env = process.env): Promise<void> {
  await notify('--ready', log, env);
}

/** Sends STOPPING=1; see {@link notifyReady}. */
export async function notifyStopping(log: WarningLog, env = process.env): Promise<void> {
  await notify('STOPPING=1', log, env);
}

/** Runs systemd-notify, because Node has no Unix datagram sockets; the program ends when the manager has read the message. */
async function notify(message: string, log: WarningLog, env: NodeJS.ProcessEnv): Promise<void> {
  if (!env['NOTIFY_SOCKET']) return;
  try {
    // oxlint-disable-next-line typescript/strict-void-return -- promisify knows execFile
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

/** The Unix sockets of this process's network namespace, by inode. */
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
