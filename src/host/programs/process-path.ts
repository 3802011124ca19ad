import * as fs from 'node:fs';
import path from 'node:path';

/** What leads on to other file systems: the mounts of a process are no part of it. */
const ofProcess = /^\/proc\/(\d+|self|thread-self)\/(?!root(?:\/|$)|cwd(?:\/|$))/;
/** source: path_resolution(7) */
const maxLinks = 40;

/**
 * The process that a path means by its number, also through symbolic links: whatever has that number later, the path means then.
 *
 * @param seen where this process sees the path
 * @returns undefined for a path that means no process
 */
export function processBehind(target: string, seen = target): number | undefined {
  let [meant, place] = [target, seen];
  for (let links = 0; links < maxLinks; links += 1) {
    const found = ofProcess.exec(path.normalize(meant))?.[1];
    if (found !== undefined) return /^\d+$/.test(found) ? Number(found) : process.pid;
    const next = readLink(place);
    if (next === undefined) return undefined;
    meant = path.resolve(path.dirname(meant), next);
    place = path.isAbsolute(next) ? next : path.resolve(path.dirname(place), next);
  }
  return undefined;
}

/** Asks first, since most are no links, and an error costs more than all the rest. */
function readLink(target: string): string | undefined {
  try {
    return fs.lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true
      ? fs.readlinkSync(target)
      : undefined;
  } catch {
    // It is gone, or not for us.
    return undefined;
  }
}
