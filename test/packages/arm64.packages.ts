import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { prepareAddons } from '../../.packaging/addons.mjs';
import { selectArchitectures } from '../../.packaging/architectures.mjs';
import { noticesOf } from '../../.packaging/notices.mjs';
import { prepareRuntime } from '../../.packaging/runtime.mjs';
import { writeTree } from '../../.packaging/tree.mjs';
import { startDaemon } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** The files of the packages for arm64, which qemu runs on another processor. */

/** Debian's packages for cross compilation have the libraries there. */
const libraries = '/usr/aarch64-linux-gnu';
const hasLibraries = existsSync(path.join(libraries, 'lib/libatomic.so.1'));
const skip =
  missing('qemu-aarch64-static', 'aarch64-linux-gnu-strip', 'readelf') ||
  (!hasLibraries && `needs libatomic1-arm64-cross, libstdc++6-arm64-cross`);

t.test('podnetd for arm64 answers, and makes a network under the locks', { skip }, async (t) => {
  const [architecture] = selectArchitectures(['arm64']);
  if (architecture === undefined) throw new Error('no architecture');
  const scratch = makeScratch(t);
  const { program, licence } = prepareRuntime(architecture, scratch);
  const parts = {
    node: program,
    addons: prepareAddons(architecture, scratch),
    notices: noticesOf(architecture, licence),
  };
  const tree = path.join(scratch, 'tree');
  writeTree(tree, parts, { prefix: 'usr', relocatable: false, zsh: 'share/zsh/vendor-completions' });
  const lib = path.join(tree, 'usr/lib/podnetd');
  const header = execFileSync('readelf', ['--file-header', path.join(lib, 'node')], { encoding: 'utf8' });
  t.match(header, /Machine: +AArch64/);

  const node = ['qemu-aarch64-static', '-L', libraries, path.join(lib, 'node')];
  const daemon = await startDaemon(t, { node, script: path.join(lib, 'launch.cjs') });
  t.match(await daemon.ask('GET', '/_ping'), { status: 200, text: 'OK' });
  // Both addons: the kernel's locks, and its tables of links and routes.
  t.match(await daemon.ask('POST', '/networks/create', { Name: 'emulated' }), { status: 201 });
  t.match((await daemon.ask('GET', '/version')).json(), { Arch: 'arm64' });
  t.equal(await daemon.stop(), 0);
});
