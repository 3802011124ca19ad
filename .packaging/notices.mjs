import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './project.mjs';

/**
 * The licences of all that a package has of others: of the bundled modules, the addons, and Node with what is compiled into it.
 *
 * @param {import('./architectures.mjs').Architecture} architecture
 * @param {string} nodeLicence path
 */
export function noticesOf(architecture, nodeLicence) {
  const notices = readFileSync(path.join(root, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
  // The build lists koffi's binary for the machine that builds.
  const named = notices.replaceAll(/@koromix\/koffi-linux-\w+@/g, `@koromix/koffi-linux-${architecture.node}@`);
  return `${named.trimEnd()}

-----------

The following program was included in this package:

 - Node.js, lib/podnetd/node

This package contains the following license:

${readFileSync(nodeLicence, 'utf8')}`;
}
