import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './project.mjs';

/** The major version of Node in the packages; `.ci/node-runtimes` pins its release for each architecture. */
const major = '26';

/**
 * Node's program and its licence. The program loses its symbols and debug information, a quarter of its size, which nothing reads at run time.
 *
 * @param {import('./architectures.mjs').Architecture} architecture
 * @param {string} scratch
 * @returns {{ readonly program: string, readonly licence: string }} paths
 */
export function prepareRuntime({ node, gnu }, scratch) {
  const pinned = execFileSync(path.join(root, '.ci/node-runtime'), [major, node], { encoding: 'utf8' }).trim();
  const program = path.join(scratch, 'node');
  copyFileSync(pinned, program);
  execFileSync(`${gnu}-strip`, ['--strip-unneeded', program]);
  return { program, licence: path.join(path.dirname(pinned), '../LICENSE') };
}
