import * as fs from 'node:fs';
import path from 'node:path';
import { toNative, toText } from './file-name.js';

/**
 * Names right inside a folder that are mount points, mostly of single files. A mounted file changes without an event in the folder.
 *
 * source: proc_pid_mountinfo(5)
 * @returns no names when /proc cannot be read
 */
export function readMountPoints(folder: string): ReadonlySet<string> {
  try {
    const real = toText(fs.realpathSync(toNative(folder), 'latin1'));
    const lines = fs.readFileSync('/proc/self/mountinfo', 'latin1').split('\n');
    const targets = lines.map((line) => toText(unescapeMountPoint(line.split(' ', 5)[4] ?? '')));
    return new Set(targets.filter((target) => path.dirname(target) === real).map((target) => path.basename(target)));
  } catch {
    return new Set();
  }
}

/** The path of a mountinfo field, in which the kernel writes blanks, line ends and backslashes as three octal digits. */
export function unescapeMountPoint(target: string): string {
  return target.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
