import { execFileSync } from 'node:child_process';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { project } from './built.js';

/** `npm pack` makes a package that `npm install --global` installs. */

t.test('podnetd of the npm package serves', async (t) => {
  const scratch = makeScratch(t);
  const npm = (...args: readonly string[]) =>
    execFileSync('npm', args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const [packed] = JSON.parse(npm('pack', '--json', '--ignore-scripts', `--pack-destination=${scratch}`)) as readonly [
    { readonly filename: string },
  ];
  npm('install', '--global', '--prefer-offline', '--prefix', scratch, path.join(scratch, packed.filename));
  const podnetd = path.join(scratch, 'bin/podnetd');
  t.match(execFileSync(podnetd, ['--version'], { encoding: 'utf8' }), /^podnetd \d/);
  const daemon = await startDaemon(t, { script: podnetd });
  t.match(await daemon.ask('POST', '/networks/create', { Name: 'packed' }), { status: 201 });
});
