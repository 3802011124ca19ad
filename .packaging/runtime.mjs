import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { unpackNpmPackage } from './npm-package.mjs';

/**
 * Node's program and its licence. The program loses its symbols and debug information, a quarter of its size, which nothing reads at run time.
 *
 * @param {import('./architectures.mjs').Architecture} architecture
 * @param {string} scratch
 * @returns {{ readonly program: string, readonly licence: string }} paths
 */
export function prepareRuntime({ node, gnu }, scratch) {
  const folder = unpackNpmPackage(`node-linux-${node}`, scratch);
  const program = path.join(folder, 'bin/node');
  execFileSync(`${gnu}-strip`, ['--strip-unneeded', program]);
  return { program, licence: path.join(folder, 'LICENSE') };
}
