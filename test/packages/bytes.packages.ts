import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { output, project } from './built.js';

/** One commit makes the same bytes wherever and by whomever it is built. */

const skip = missing('unshare', 'dpkg-deb', 'rpmbuild', 'x86_64-linux-gnu-strip');

function hashesOf(folder: string): Readonly<Record<string, string>> {
  const hashOf = (name: string) =>
    createHash('sha256')
      .update(readFileSync(path.join(folder, name)))
      .digest('hex');
  return Object.fromEntries(
    readdirSync(folder)
      .toSorted()
      .map((name) => [name, hashOf(name)]),
  );
}

/** Builds in an overlay over the project, whose own files stay as they are, and hashes the packages there. */
const building = `
  scratch=$1 project=$2
  mount -t tmpfs tmpfs "$scratch"
  cd "$scratch"
  mkdir -p upper work a/deeper/folder
  mount -t overlay -o lowerdir="$project",upperdir=upper,workdir=work overlay a/deeper/folder
  cd a/deeper/folder
  rm -rf dist
  umask 077
  hostname elsewhere
  npm run -s package -- --arch amd64 >&2
  cd dist/packages
  sha256sum *
`;

t.test('another folder, time zone, language, umask and host make the same bytes', { skip }, async (t) => {
  const args = ['--mount', '--uts', 'sh', '-euc', building, 'sh', makeScratch(t), project];
  const env = { ...process.env, TZ: 'Asia/Kathmandu', LC_ALL: 'C.UTF-8', HOME: process.env['HOME'] ?? '/root' };
  const printed = execFileSync('unshare', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const again = Object.fromEntries(
    printed
      .trim()
      .split('\n')
      .map((line) => line.split('  ').toReversed() as [string, string]),
  );
  const first = Object.fromEntries(Object.entries(hashesOf(output)).filter(([name]) => /amd64|x86_64/.test(name)));
  t.equal(Object.keys(first).length, 3);
  t.strictSame(again, first);
});
