import path from 'node:path';
import { bridgeOf } from '../../cni/conflist/fields.js';
import { decodeFile } from '../../cni/conflist/decode.js';
import { findPrefixes } from '../../cni/conflist/ipam-prefixes.js';
import { withNested } from '../../cni/conflist/nested-plugins.js';
import { pluginsOf } from '../../cni/conflist/structure.js';
import { isList } from '../../cni/folder/configuration-files.js';
import { versionOf } from '../../cni/runtime/chain.js';
import { isLocked } from '../../host/file-locks/lock-holder.js';
import type { Files } from '../../host/files/files.js';
import { mapInShares } from '../../model/in-shares.js';
import { bounds } from '../../model/bounds.js';
import { asObject, textOf, type JsonObject } from '../../model/json-object.js';
import type { FileProblem, NetworkReader, StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { FolderFacts, NetworkFacts } from '../facts/facts.js';

/** A cache entry has its temporary name for as long as one write takes; nanoseconds. */
const longestWriteNs = 1_000_000_000n;

/** @param cacheDirs whose results and intents have temporary files too @throws NetworkError storage */
export async function gatherFolder(
  folder: string,
  cacheDirs: readonly string[],
  reader: NetworkReader,
  files: Files,
): Promise<FolderFacts> {
  const networks = await mapInShares(await reader.list(), toFacts);
  const names = new Set(networks.map(({ name }) => name));
  const problems = (await reader.problems()).map((problem) => {
    const name = readGoodName(problem, files);
    return { ...problem, isClash: name !== undefined && names.has(name) };
  });
  const inCaches = cacheDirs.flatMap((dir) =>
    ['results', 'podnetd'].flatMap((name) => listAbandoned(path.join(dir, name), files)),
  );
  return { path: folder, networks, problems, leftovers: [...listCut(folder, files), ...inCaches] };
}

function toFacts(stored: StoredNetwork): NetworkFacts {
  const plugins = withNested(pluginsOf(stored.conflist));
  return {
    name: stored.network.name,
    stored,
    plugins,
    types: [...new Set(plugins.flatMap(typesOf))],
    cniVersion: versionOf(stored.conflist),
    prefixes: plugins.flatMap(findPrefixes),
    bridges: [...new Set(plugins.filter(({ type }) => type === 'bridge').map(bridgeOf))],
  };
}

function typesOf(plugin: JsonObject): readonly string[] {
  return [textOf(plugin['type']), textOf(asObject(plugin['ipam'])['type'])].filter((type) => type !== '');
}

/** The network's name in a file that by itself is good. */
function readGoodName({ path: file }: FileProblem, files: Files): string | undefined {
  const found = files.read(file, bounds.fileBytes);
  if (found === undefined || !('text' in found)) return undefined;
  try {
    const { name, problem } = decodeFile(found.text, isList(path.basename(file)), 0n);
    return problem === undefined ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Temporary files of the folder while no process holds the lane, in which alone they are made. */
function listCut(folder: string, files: Files): readonly string[] {
  const lock = path.join(folder, 'cni.lock');
  const isHeld = () => isLocked(lock) || files.exists(`${lock}.lock`);
  if (isHeld()) return [];
  const found = files.listLeftovers(folder).map((name) => path.join(folder, name));
  return isHeld() ? [] : found.filter((file) => files.exists(file));
}

/** Temporary files of a cache that no process is at work on. */
function listAbandoned(folder: string, files: Files): readonly string[] {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  return files
    .listLeftovers(folder)
    .map((name) => path.join(folder, name))
    .filter((file) => {
      const stamp = files.stamp(file);
      return stamp !== undefined && nowNs - stamp.ctimeNs > longestWriteNs && !isLocked(file);
    });
}
