import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { project } from './built.js';

/**
 * Makes a folder in the place of the image `node:26-bookworm-slim`: this machine's C library and npm, Node 26, the user `node`, and busybox as
 * shell. Its npm takes packages from a mounted cache alone, since a test fetches nothing.
 */
export function makeBaseRoot(root: string): void {
  const at = (file: string) => {
    const target = path.join(root, file);
    mkdirSync(path.dirname(target), { recursive: true });
    return target;
  };
  for (const folder of ['dev', 'proc', 'root', 'sys', 'tmp', 'usr/bin']) mkdirSync(at(folder), { recursive: true });
  for (const folder of ['bin', 'sbin']) symlinkSync('usr/bin', at(folder));
  const copyProgram = (file: string) => {
    copyFileSync(file, at(`usr/bin/${path.basename(file)}`));
    for (const [library] of print('ldd', file).matchAll(/\/\S+/g)) copyFileSync(library, at(library));
  };
  copyProgram(print(path.join(project, '.ci/node-runtime'), '26').trim());
  const npm = path.dirname(path.dirname(realpathSync(whichProgram('npm'))));
  cpSync(npm, at('usr/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', at('usr/bin/npm'));
  writeFileSync(at('usr/etc/npmrc'), 'offline=true\n');
  copyFileSync(whichProgram('busybox'), at('usr/bin/busybox'));
  execFileSync('chroot', [root, '/bin/busybox', '--install', '-s', '/bin']);
  // Debian's busybox lacks it.
  copyProgram(whichProgram('install'));
  writeFileSync(at('etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n');
  writeFileSync(at('etc/group'), 'root:x:0:\nnode:x:1000:\n');
}

/** The folder of npm's cache. `npm ci` has put there what an installation needs. */
export const npmCache = process.env['npm_config_cache'] ?? path.join(homedir(), '.npm');

function whichProgram(name: string): string {
  return print('sh', '-c', 'command -v "$1"', 'sh', name).trim();
}

function print(file: string, ...args: readonly string[]): string {
  return execFileSync(file, args, { encoding: 'utf8' });
}
