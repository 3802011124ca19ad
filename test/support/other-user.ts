import { chmodSync } from 'node:fs';
import path from 'node:path';
import { foreignFunctions } from '../../src/host/own-process/addons.js';

/** Ids of two users of the machine who own no file. */
export const strangers = [61_001, 61_002] as const;

/** Lets every user connect to a test's socket, which has a folder of its own. */
export function openToAll(socketPath: string): void {
  chmodSync(path.dirname(socketPath), 0o711);
  chmodSync(socketPath, 0o666);
  // podnetd loads this addon a second after its start; without it the peer's user stays unknown.
  foreignFunctions();
}

/** Runs a synchronous step, such as a connect, as another user. The kernel records that user for the connection. @returns its result */
export function asUser<T>(uid: number, act: () => T): T {
  process.seteuid?.(uid);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}
