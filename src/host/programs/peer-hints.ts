import { uptime } from 'node:os';
import { NameTable } from '../files/name-table.js';
import type { Peer, PeerHints } from '../../model/audited-request.js';
import { identifyProcess, nameOfProcess, readProcFile } from './process-identity.js';

/** The loginuid of a process without a login. source: linux include/linux/audit.h AUDIT_UID_UNSET */
const noLogin = 0xffff_ffff;

/** Of the kernel's times of processes, on every processor that Node runs on. source: linux include/asm-generic/param.h USER_HZ */
const ticksPerSecond = 100;

/** Seconds by which the two clocks may differ when they are read: both count hundredths. */
const inexactness = 0.05;

const users = new NameTable('/etc/passwd');
const groups = new NameTable('/etc/group');

/**
 * Looks at the process of a peer. Names of directory services are left out, because to ask for them may take long.
 *
 * @param ageMs milliseconds since podnetd accepted the connection: a process that is younger has only got the pid of the one that connected
 */
export function readPeerHints({ uid, gid, pid }: Peer, ageMs: number): PeerHints {
  const user = users.nameOf(uid);
  const group = groups.nameOf(gid);
  const names = { ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
  try {
    const startTicks = pid === 0 ? undefined : identifyProcess(pid)?.startTicks;
    if (startTicks === undefined) return names;
    if (uptime() - Number(startTicks) / ticksPerSecond < ageMs / 1_000 - inexactness) return names;
    const comm = nameOfProcess(pid);
    const loginuid = Number(readProcFile(pid, 'loginuid') ?? noLogin);
    // The process may have ended between the reads, and another have got its number.
    if (identifyProcess(pid)?.startTicks !== startTicks) return names;
    return { ...names, startTicks, ...(comm !== undefined && { comm }), ...(loginuid !== noLogin && { loginuid }) };
  } catch {
    // podnetd lacks descriptors or memory for the moment.
    return names;
  }
}
