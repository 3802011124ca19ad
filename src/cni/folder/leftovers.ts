import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import { isGone } from '../../host/files/temporary-file.js';
import { bounds } from '../../model/bounds.js';
import { decodeFile, type DecodedFile } from '../conflist/decode.js';

/**
 * Clears the temporary names of processes that died during a change. A foreign file may have been on its way back to its name, so podnetd keeps
 * it under another name, which CNI readers ignore and podnetd never clears.
 *
 * @returns names that are gone now; the next change retries the rest
 */
export function clearLeftovers(folder: string, names: readonly string[], files: Files): readonly string[] {
  return names.filter((name) => {
    const target = path.join(folder, name);
    return !isGone(name) && isForeign(target, files) ? files.keep(target) : files.discard(target);
  });
}

function isForeign(target: string, files: Files): boolean {
  const decoded = readLeftover(target, files);
  // A file that does not decode is podnetd's own, half-written.
  return decoded?.network !== undefined && !decoded.podmanShaped;
}

/** The file decoded; undefined for an unreadable one, and for one that is no list of plugins. */
export function readLeftover(target: string, files: Pick<Files, 'read'>): DecodedFile | undefined {
  const found = files.read(target, bounds.fileBytes);
  if (found === undefined || !('text' in found)) return undefined;
  try {
    return decodeFile(found.text, true, 0n);
  } catch {
    return undefined;
  }
}
