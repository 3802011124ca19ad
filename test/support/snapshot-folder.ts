import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Content, mode, mtime and inode of every file in a folder by name, except for the lock file, which no reader looks at. */
export function snapshotFolder(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder)
    .filter((name) => name !== 'cni.lock')
    .toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const target = path.join(folder, name);
      const { mode, mtimeMs, ino } = lstatSync(target);
      return [name, `${ino} ${mode.toString(8)} ${mtimeMs} ${readFileSync(target, 'utf8')}`];
    }),
  );
}
