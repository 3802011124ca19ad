/** How `podnetd` starts: the one place that knows it. */

/**
 * The kernel itself starts the packaged Node, without a shell between.
 *
 * @param {string} bundle text of dist/podnetd.cjs
 * @param {string} node absolute path of Node's program on the user's machine
 */
export function bundleFor(bundle, node) {
  const [shebang, ...lines] = bundle.split('\n');
  if (shebang !== '#!/usr/bin/env node')
    throw new Error(`dist/podnetd.cjs begins with ${shebang}, not with the shebang that a package replaces`);
  return [`#!${node}`, ...lines].join('\n');
}

/** An archive may be unpacked anywhere, and no shebang can be relative. */
export const relocatable = `#!/bin/sh
self=$(readlink -f "$0")
lib=\${self%/bin/*}/lib/podnetd
exec "$lib/node" "$lib/podnetd.cjs" "$@"
`;
