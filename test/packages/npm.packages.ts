import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { project } from './built.js';

/** `npm pack` makes a package that `npm install --global` installs. */

const preload = path.join(project, 'test/support/loaded-modules.cjs');

/** @returns the names of the packages in a folder `node_modules`, and of those that are installed for one of them alone */
function listPackages(modules: string): readonly string[] {
  const files = readdirSync(modules, { recursive: true, encoding: 'utf8' });
  const folders = files.map((file) => /^((?:.*node_modules\/)?(?:@[^/]+\/)?[^/@]+)\/package\.json$/.exec(file)?.[1]);
  return folders.filter((folder) => folder !== undefined).toSorted();
}

t.test('the npm package brings the packages that its daemon loads, and no others', async (t) => {
  const scratch = realpathSync(makeScratch(t));
  const npm = (...args: readonly string[]) =>
    execFileSync('npm', args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const [packed] = JSON.parse(npm('pack', '--json', '--ignore-scripts', `--pack-destination=${scratch}`)) as readonly [
    { readonly filename: string },
  ];
  npm(
    'install',
    '--global',
    '--ignore-scripts',
    '--prefer-offline',
    '--prefix',
    scratch,
    path.join(scratch, packed.filename),
  );
  const podnetd = path.join(scratch, 'bin/podnetd');
  t.match(execFileSync(podnetd, ['--version'], { encoding: 'utf8' }), /^podnetd \d/);
  t.strictSame(readdirSync(path.join(scratch, 'share/man')).toSorted(), ['man1', 'man5', 'man7'], 'manual pages');

  const list = path.join(scratch, 'loaded.json');
  const env = { NODE_OPTIONS: `--require=${preload}`, PODNETD_TEST_LOADED: list };
  const daemon = await startDaemon(t, { script: podnetd, env, args: ['--log-format', 'pretty'] });
  t.match(await daemon.ask('POST', '/networks/create', { Name: 'packed' }), { status: 201 });
  await daemon.stop();
  const modules = path.join(scratch, 'lib/node_modules/podnetd/node_modules');
  const loaded = (JSON.parse(readFileSync(list, 'utf8')) as readonly string[]).flatMap((file) =>
    file.startsWith(`${modules}/`) ? [/^(?:@[^/]+\/)?[^/]+/.exec(path.relative(modules, file))?.[0]] : [],
  );
  t.same(new Set(loaded), new Set(listPackages(modules)));
});
