import * as fs from 'node:fs';
import path from 'node:path';

/** A path below `/proc/<pid>`, but not one that `root` or `cwd` leads on to other file systems. */
const ofProcess = /^\/proc\/(\d+|self|thread-self)\/(?!root(?:\/|$)|cwd(?:\/|$))/;
/** source: path_resolution(7) */
const maxLinks = 40;

/**
 * The process that a path names by number, also through symbolic links: such a path means another process when the kernel reuses the number.
 *
 * @param seen the same path in the mount namespace of this process
 * @returns its process id; undefined for a path that names no process
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

/** The target of a link; undefined for anything else. It calls lstat first, because most paths are no links and an error costs more. */
function readLink(target: string): string | undefined {
  try {
    return fs.lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true
      ? fs.readlinkSync(target)
      : undefined;
  } catch {
    // The file is gone, or this user may not look.
    return undefined;
  }
}
