import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Test } from 'tap';

/** Folder of the CNI plugins that tests of their abilities run; Debian's by default, and newer ones where a developer has them. */
export const pluginFolder = process.env['PODNETD_TEST_PLUGIN_DIR'] ?? '/usr/lib/cni';

/** Whether the bridge plugin is 1.8 or newer, by the CNI version that came with 1.6, between which and 1.8 Debian had none. */
export function hasNewPlugins(t: Test): boolean {
  const answer = execFileSync(path.join(pluginFolder, 'bridge'), {
    env: { CNI_COMMAND: 'VERSION' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { supportedVersions } = JSON.parse(answer.toString()) as { readonly supportedVersions: readonly string[] };
  t.comment(`the bridge plugin of ${pluginFolder} understands CNI ${supportedVersions.join(', ')}`);
  return supportedVersions.includes('1.1.0');
}
