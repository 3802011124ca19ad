import { chmodSync } from 'node:fs';
import path from 'node:path';
import { foreignFunctions } from '../../src/host/own-process/addons.js';

/** Two users of the machine that no file belongs to. */
export const strangers = [61_001, 61_002] as const;

/** Lets every user connect to a socket of a test, which lies in a folder of its own. */
export function openToAll(socketPath: string): void {
  chmodSync(path.dirname(socketPath), 0o711);
  chmodSync(socketPath, 0o666);
  // The daemon has it a second after its start.
  foreignFunctions();
}

/** Does what ends at once, such as connecting, as another user: the kernel keeps who it was for a connection. */
export function asUser<T>(uid: number, act: () => T): T {
  process.seteuid?.(uid);
  try {
    return act();
  } finally {
    process.seteuid?.(0);
  }
}
