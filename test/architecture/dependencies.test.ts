import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { makeScratch } from '../support/scratch.js';

/** An installation of a fresh clone says nothing that a user would have to judge. */

const root = path.resolve(import.meta.dirname, '../..');

t.test(`npm installs without a warning on Node ${process.versions.node}`, async (t) => {
  const clone = makeScratch(t);
  for (const name of ['package.json', 'package-lock.json', '.npmrc'])
    cpSync(path.join(root, name), path.join(clone, name));
  const npm = execFileSync('sh', ['-c', 'readlink -f "$(command -v npm)"'], { encoding: 'utf8' }).trim();
  // The settings of the user who runs the tests are not the clone's.
  const env = { PATH: process.env['PATH'], HOME: clone, npm_config_cache: path.join(clone, 'cache') };
  const install = spawnSync(process.execPath, [npm, 'ci', '--dry-run', '--offline', '--no-update-notifier'], {
    cwd: clone,
    env,
    encoding: 'utf8',
  });
  t.match(install, { status: 0, stderr: /^$/ });
});

// A dry run does not print these.
t.test('no package is deprecated', async (t) => {
  const text = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as {
    readonly packages: Readonly<Record<string, { readonly deprecated?: string }>>;
  };
  t.strictSame(
    Object.entries(packages).filter(([, found]) => found.deprecated !== undefined),
    [],
  );
});
