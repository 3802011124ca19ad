import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import { isGone } from '../../host/files/temporary-file.js';
import { decodeFile, type DecodedFile } from '../conflist/decode.js';
import { maxFileBytes } from './configuration-files.js';

/**
 * Clears temporary names of processes that died in the middle of a change. A file that no podnetd or Podman wrote may have been caught on its
 * way back to its name; it is kept under another one, that no CNI reader takes and nothing clears.
 *
 * @returns names that are gone now; one that the disk does not let go is left to the next change
 */
export function clearLeftovers(folder: string, names: readonly string[], files: Files): readonly string[] {
  return names.filter((name) => {
    const target = path.join(folder, name);
    return !isGone(name) && isForeign(target, files) ? files.keep(target) : files.discard(target);
  });
}

function isForeign(target: string, files: Files): boolean {
  const decoded = readLeftover(target, files);
  // A half-written file is podnetd's own.
  return decoded?.network !== undefined && !decoded.podmanShaped;
}

/** Undefined for a file that cannot be read, or is no list of plugins. */
export function readLeftover(target: string, files: Pick<Files, 'read'>): DecodedFile | undefined {
  const found = files.read(target, maxFileBytes);
  if (found === undefined || !('text' in found)) return undefined;
  try {
    return decodeFile(found.text, true, 0n);
  } catch {
    return undefined;
  }
}
