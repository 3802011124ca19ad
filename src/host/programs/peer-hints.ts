import { NameTable } from '../files/name-table.js';
import type { Peer, PeerHints } from '../../model/audited-request.js';
import { identifyProcess, nameOfProcess, readProcFile } from './process-identity.js';

/** The loginuid of a process without a login. source: linux include/linux/audit.h AUDIT_UID_UNSET */
const noLogin = 0xffff_ffff;

const users = new NameTable('/etc/passwd');
const groups = new NameTable('/etc/group');

/** Looks at the process of a peer. Names of directory services are left out, because to ask for them may take long. */
export function readPeerHints({ uid, gid, pid }: Peer): PeerHints {
  const user = users.nameOf(uid);
  const group = groups.nameOf(gid);
  const names = { ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
  try {
    const startTicks = pid === 0 ? undefined : identifyProcess(pid)?.startTicks;
    if (startTicks === undefined) return names;
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
