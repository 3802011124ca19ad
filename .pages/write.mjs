import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makePages } from '../dist/pages/pages.js';

/** Writes the manual pages and completions into `dist`, or into the folder that the first argument names. */

const folder = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../dist'));
// A page that is no longer declared goes.
for (const kind of ['man', 'completions']) rmSync(path.join(folder, kind), { recursive: true, force: true });
for (const { path: file, text } of await makePages()) {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
}
