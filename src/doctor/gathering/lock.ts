import path from 'node:path';
import { describeLockHolder, findLockHolders, isLocked } from '../../host/file-locks/lock-holder.js';
import { rootLockPath } from '../../locks/folder-lane.js';
import type { Patient } from '../patient/patient.js';
import type { Facts } from '../facts/facts.js';

/**
 * The lock that other processes keep. While a process has one, podnetd asks for the lane, because a busy podnetd has it most of the time and lets
 * it go between two changes; no lock is asked for where none is held.
 */
export async function findHeldLock({ config, readiness }: Patient['daemon']): Promise<Facts['heldLock']> {
  const locks = [path.join(config.cniConfigDir, 'cni.lock'), ...(config.identity.rootless ? [] : [rootLockPath])];
  if (!locks.some(isLocked)) return undefined;
  const since = performance.now();
  const [lane] = await readiness.look(['lock']);
  if (lane?.reason === undefined) return undefined;
  const lock = locks.find(isLocked);
  if (lock === undefined) return undefined;
  const heldMs = Math.round(performance.now() - since);
  const own = `process ${process.pid} `;
  const others = findLockHolders(lock).filter((holder) => !holder.startsWith(own));
  return { path: lock, holder: others.length > 0 ? others.join(', ') : describeLockHolder(lock), heldMs };
}
