import { createRequire } from 'node:module';
import type * as FileLocks from 'fs-native-extensions';
import type * as Koffi from 'koffi';

const require = createRequire(import.meta.url);

// An addon takes a fifth of the time until the first answer to load, and neither is needed for that.
let locks: typeof FileLocks | undefined;
let koffi: typeof Koffi | undefined;

/** Kernel locks. */
export function fileLocks(): typeof FileLocks {
  return (locks ??= require('fs-native-extensions') as typeof FileLocks);
}

/** Calls of libraries written in C. */
export function foreignFunctions(): typeof Koffi {
  return (koffi ??= require('koffi') as typeof Koffi);
}

/** How long after the start nobody should have to wait for them any more. */
const restMs = 1_000;

/**
 * Loads them when the first answers are given. Node remembers for good what it did not find when no file could be opened, so a process that
 * first needs an addon while it is out of descriptors would never have it.
 */
export function loadAddonsSoon(): void {
  const load = () => {
    try {
      fileLocks();
      foreignFunctions();
    } catch {
      // Whoever needs them is told.
    }
  };
  setTimeout(load, restMs).unref();
}
