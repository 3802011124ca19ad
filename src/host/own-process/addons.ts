import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as FileLocks from 'fs-native-extensions';
import type * as Koffi from 'koffi';

const require = createRequire(import.meta.url);

// Loaded late: an addon would take a fifth of the time until the first answer, which needs none.
let locks: typeof FileLocks | undefined;
let koffi: typeof Koffi | undefined;

/** An addon is missing, or was built for another machine. The message is one line with the remedy. */
export class AddonError extends Error {
  override readonly name = 'AddonError';

  constructor(addon: string, cause: unknown) {
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    const remedy = `run \`npm install ${addon}\` in the folder of podnetd.cjs`;
    super(`native addon ${addon} cannot be loaded: ${reason}; ${remedy}`, { cause });
  }
}

const addons = { locks: 'fs-native-extensions', foreignFunctions: 'koffi' };

/** The addon for locks of the kernel. @throws AddonError */
export function fileLocks(): typeof FileLocks {
  return (locks ??= load(addons.locks) as typeof FileLocks);
}

/** The addon that calls C libraries. @throws AddonError */
export function foreignFunctions(): typeof Koffi {
  return (koffi ??= load(addons.foreignFunctions) as typeof Koffi);
}

/** As {@link foreignFunctions}, but undefined until another caller has loaded the addon. */
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

/** Checks that all addons are installed, but does not load them, which takes longer. @throws AddonError when one is missing */
export function checkAddons(): void {
  for (const addon of Object.values(addons)) {
    const places = require.resolve.paths(addon) ?? [];
    // Node's own search reads and resolves more, and takes a twentieth of the time until the first answer.
    if (!places.some((place) => existsSync(path.join(place, addon))))
      throw new AddonError(addon, `Cannot find module '${addon}'`);
  }
}

/** Delay after the start: by then the first clients have their answers. */
const restMs = 1_000;

/**
 * Loads all addons a second after the start. Node remembers for good that it could not find a module, so a process that first needs an addon
 * while it has no free descriptor would never get it.
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
