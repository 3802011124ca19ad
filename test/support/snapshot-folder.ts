import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Every name of a folder with its content, mode and times, but for the lock file, whose making changes nothing for anybody. */
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
