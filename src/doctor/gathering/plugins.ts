import { compareVersions } from '../../cni/plugins/cni-version.js';
import { PluginBinaries } from '../../cni/plugins/plugin-binary.js';
import { PluginDirs } from '../../cni/runtime/plugin-dirs.js';
import type { Files } from '../../host/files/files.js';
import { pluginsOf } from '../../cni/conflist/structure.js';
import { textOf } from '../../model/json-object.js';
import { mapSideBySide } from '../../model/side-by-side.js';
import type { Parts } from '../../wiring/parts.js';
import { whyRefused } from '../patient/refusal.js';
import type { NetworkFacts, PluginFacts, PluginFile } from '../facts/facts.js';

/** The first version with STATUS and GC; source: CNI specification 1.1.0. */
const withStatus = '1.1.0';

/** Processes of plugins: a plugin that hangs until its deadline holds up few others. */
const statusesAtOnce = 8;

/**
 * Finds the plugins of all networks, has each report its versions, and asks those that know STATUS.
 *
 * @param chain undefined where plugins cannot run
 */
export async function gatherPlugins(
  folders: readonly string[],
  networks: readonly NetworkFacts[],
  files: Files,
  chain: Parts['chain'] | undefined,
): Promise<PluginFacts> {
  const dirs = new PluginDirs(folders, files);
  const binaries = new PluginBinaries(files);
  const known = new Map<string, PluginFile>();
  for (const type of new Set(networks.flatMap(({ types }) => types))) {
    const path = dirs.locate(type);
    known.set(type, { path, versions: path === undefined ? [] : await binaries.cniVersions(path) });
  }
  return { folders, known, refusals: chain === undefined ? [] : await askStatus(networks, known, chain) };
}

export function hasOperationsOf11(cniVersion: string): boolean {
  return compareVersions(cniVersion, withStatus) >= 0;
}

/** Plugins of a network's own chain that know an operation of CNI 1.1, if its file follows that version. */
export function withOperationsOf11(network: NetworkFacts, known: PluginFacts['known']) {
  if (!hasOperationsOf11(network.cniVersion)) return [];
  return pluginsOf(network.stored.conflist).filter(({ type }) =>
    known.get(textOf(type))?.versions.includes(network.cniVersion),
  );
}

async function askStatus(
  networks: readonly NetworkFacts[],
  known: PluginFacts['known'],
  chain: Parts['chain'],
): Promise<PluginFacts['refusals']> {
  const questions = networks.flatMap((network) =>
    withOperationsOf11(network, known).map((plugin) => ({ network, plugin })),
  );
  const refusals = await mapSideBySide(questions, statusesAtOnce, async ({ network, plugin }) => {
    const reason = await whyRefused(async () => await chain.status(network.stored.conflist, plugin));
    return reason === undefined ? [] : [{ network: network.name, plugin: textOf(plugin['type']), reason }];
  });
  return refusals.flat();
}
