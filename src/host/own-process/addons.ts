import { createRequire } from 'node:module';
import type * as FileLocks from 'fs-native-extensions';
import type * as Koffi from 'koffi';

const require = createRequire(import.meta.url);

// An addon takes a fifth of the time until the first answer to load, and neither is needed for that.
let locks: typeof FileLocks | undefined;
let koffi: typeof Koffi | undefined;

/** An addon that is not there, or that is for another machine. The message is one line with the remedy. */
export class AddonError extends Error {
  override readonly name = 'AddonError';

  constructor(addon: string, cause: unknown) {
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    const remedy = `run \`npm install ${addon}\` in the folder of podnetd.cjs`;
    super(`native addon ${addon} cannot be loaded: ${reason}; ${remedy}`, { cause });
  }
}

const addons = { locks: 'fs-native-extensions', foreignFunctions: 'koffi' };

/** Kernel locks. @throws AddonError */
export function fileLocks(): typeof FileLocks {
  return (locks ??= load(addons.locks) as typeof FileLocks);
}

/** Calls of libraries written in C. @throws AddonError */
export function foreignFunctions(): typeof Koffi {
  return (koffi ??= load(addons.foreignFunctions) as typeof Koffi);
}

/** As {@link foreignFunctions}, for what can do without: undefined until they were needed elsewhere. */
export function loadedForeignFunctions(): typeof Koffi | undefined {
  return koffi;
}

function load(addon: string): unknown {
  try {
    return require(addon);
  } catch (error) {
    throw new AddonError(addon, error);
  }
}

/** That all of them are there; whether they can be loaded takes longer to find out. @throws AddonError */
export function checkAddons(): void {
  for (const addon of Object.values(addons)) {
    try {
      require.resolve(addon);
    } catch (error) {
      throw new AddonError(addon, error);
    }
  }
}

/** How long after the start nobody should have to wait for them any more. */
const restMs = 1_000;

/**
 * Loads them when the first answers are given. Node remembers for good what it did not find when no file could be opened, so a process that
 * first needs an addon while it is out of descriptors would never have it.
 */
export function loadAddonsSoon(onFailure: (error: unknown) => void): void {
  const loadAll = () => {
    try {
      fileLocks();
      foreignFunctions();
    } catch (error) {
      onFailure(error);
    }
  };
  setTimeout(loadAll, restMs).unref();
}
