import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './project.mjs';

/** How `podnetd` starts: the one place that knows it. */

/**
 * Writes the bundle, its launcher, and the compiler of `podnetd.cache`. The packages' scripts run the compiler, because the cache is of the V8 of
 * the user's machine, and two compilations differ in their bytes.
 *
 * @param {string} folder on this machine
 * @param {string} node absolute path of Node's program on the user's machine
 * @returns {string} the name of the launcher, which the kernel starts without a shell between
 */
export function writeProgram(folder, node) {
  const [shebang, ...lines] = readFileSync(path.join(root, 'dist/launch.cjs'), 'utf8').split('\n');
  if (shebang !== '#!/usr/bin/env node')
    throw new Error(`dist/launch.cjs begins with ${shebang}, not with the shebang that a package replaces`);
  writeFileSync(path.join(folder, 'launch.cjs'), [`#!${node}`, ...lines].join('\n'));
  copyFileSync(path.join(root, 'dist/compile.cjs'), path.join(folder, 'compile.cjs'));
  // Its own shebang would ask for the host's Node.
  const bundle = readFileSync(path.join(root, 'dist/podnetd.cjs'), 'utf8');
  writeFileSync(path.join(folder, 'podnetd.cjs'), bundle.replace(/^#!.*/, ''));
  return 'launch.cjs';
}

/** An archive may be unpacked anywhere, and no shebang can be relative. */
export const relocatable = `#!/bin/sh
self=$(readlink -f "$0")
lib=\${self%/bin/*}/lib/podnetd
exec "$lib/node" "$lib/launch.cjs" "$@"
`;
