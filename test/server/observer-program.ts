/** Looks at every name of the given folder, without rest, until a line of input; then prints a JSON list of all that it saw. */
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';

const folder = process.argv[2] ?? '';
const seen = new Set<string>();
let isEnough = false;
process.stdin.once('data', () => (isEnough = true));
// The test is gone.
process.stdin.once('end', () => process.exit());
process.stdout.write('looking\n');
look();

function look(): void {
  for (let times = 0; times < 500; times += 1) {
    for (const name of readdirSync(folder)) {
      const found = lstatSync(path.join(folder, name), { throwIfNoEntry: false });
      if (found === undefined) continue;
      const kind = found.isSocket() ? 'socket' : found.isDirectory() ? 'folder' : 'file';
      seen.add(`${name} ${kind} ${(found.mode & 0o7777).toString(8)} ${found.gid}`);
    }
  }
  if (!isEnough) return void setImmediate(look);
  process.stdout.write(`${JSON.stringify([...seen])}\n`);
  process.exit();
}
