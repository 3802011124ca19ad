import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { prepareAddons } from './addons.mjs';
import { selectArchitectures } from './architectures.mjs';
import { buildDeb } from './deb.mjs';
import { noticesOf } from './notices.mjs';
import { root } from './project.mjs';
import { buildRpm } from './rpm.mjs';
import { prepareRuntime } from './runtime.mjs';
import { buildTarball } from './tarball.mjs';

/** `npm run package [-- --arch amd64]`: makes a .deb, an .rpm and a .tar.gz for each architecture, in dist/packages. */

const { values } = parseArgs({ options: { arch: { type: 'string', multiple: true, default: [] } } });
const output = path.join(root, 'dist/packages');
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });

for (const architecture of selectArchitectures(values.arch)) {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'podnetd-package-'));
  try {
    const { program, licence } = prepareRuntime(architecture, scratch);
    const addons = prepareAddons(architecture, scratch);
    const parts = { node: program, addons, notices: noticesOf(architecture, licence) };
    for (const build of [buildDeb, buildRpm, buildTarball]) build(architecture, parts, scratch, output);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
