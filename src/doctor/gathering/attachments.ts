import path from 'node:path';
import { decodeCacheEntry, type CacheEntry } from '../../cni/attachments/cache-entry.js';
import { cacheFileName } from '../../cni/attachments/entry-faults.js';
import { decodeIntent } from '../../cni/runtime/intent.js';
import { isLocked } from '../../host/file-locks/lock-holder.js';
import type { Files } from '../../host/files/files.js';
import type { AttachmentKey } from '../../model/attachment.js';
import { asArray, asObject, textOf } from '../../model/json-object.js';
import { mapInShares } from '../../model/in-shares.js';
import { bounds } from '../../model/bounds.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { Parts } from '../../wiring/parts.js';
import { key } from '../facts/key.js';
import type { AttachmentFacts, NetworkFacts, RecordedAttachment, Rule } from '../facts/facts.js';
import { readContainerRule } from '../facts/container-rule.js';

/** Gathers what the result caches, the leases and the intents record, and who of those that rules name lives. @throws NetworkError storage */
export async function gatherAttachments(
  { runtime, namespaces, attachments, files, cacheDirs }: Parts,
  networks: readonly NetworkFacts[],
  rules: readonly Rule[],
): Promise<AttachmentFacts> {
  const view = await attachments.look();
  const known = (await runtime.known()).all();
  const recorded = await mapInShares(known, (attachment): RecordedAttachment => ({
    attachment,
    liveness: namespaces.judge(attachment),
    hostLinks: readHostLinks(attachment, cacheDirs, files),
  }));
  const leased = (await mapInShares(networks, ({ stored }) => view.unrecorded(stored))).flat();
  const intents = runtime.unfinished().map((work) => ({
    work,
    isHeld: isLocked(work.path),
    hostLinks: readIntentLinks(work.path, files),
  }));
  const stored = new Map(networks.map((network) => [network.name, network.stored]));
  const living = new Set<string>();
  for (const { network, containerId } of rules.flatMap((rule) => readContainerRule(rule) ?? [])) {
    const holder = view.holderOf(containerId, stored.get(network) ?? nameless(network));
    if (holder.lives) living.add(key.container(network, containerId));
  }
  const leases = await mapInShares(networks, ({ stored: network }) =>
    view.leases(network).map(({ address }) => address),
  );
  const addresses = [
    ...leases.flat(),
    ...recorded
      .filter(({ liveness }) => liveness !== 'gone')
      .flatMap(({ attachment }) => attachment.addresses.map(({ address }) => address)),
  ];
  return { recorded, leased, intents, living, addresses };
}

/** A network whose file is gone: of it the holders' search reads the name alone. */
function nameless(name: string): StoredNetwork {
  return { network: { name } } as StoredNetwork;
}

function readHostLinks(
  attachment: AttachmentKey,
  cacheDirs: readonly string[],
  files: Files,
): readonly string[] | undefined {
  const name = cacheFileName(attachment);
  for (const dir of cacheDirs) {
    const found = files.read(path.join(dir, 'results', name), bounds.fileBytes);
    if (found === undefined || !('text' in found)) continue;
    try {
      return hostLinksOf(decodeCacheEntry(found.text, name));
    } catch {
      // The file changed meanwhile.
    }
  }
  return undefined;
}

function readIntentLinks(file: string, files: Files): readonly string[] {
  const found = files.read(file, bounds.fileBytes);
  if (found === undefined || !('text' in found)) return [];
  try {
    return hostLinksOf(decodeIntent(found.text, path.basename(file)).entry) ?? [];
  } catch {
    return [];
  }
}

/** Links without a sandbox are the host's; results before CNI 0.3 name no links. */
function hostLinksOf({ result }: Pick<CacheEntry, 'result'>): readonly string[] | undefined {
  if (result['interfaces'] === undefined) return undefined;
  return asArray(result['interfaces'])
    .map(asObject)
    .filter(({ sandbox }) => textOf(sandbox) === '')
    .map(({ name }) => textOf(name));
}
