import type { HeldFile } from '../../host/file-locks/held-file.js';
import { NetworkError } from '../../model/errors/errors.js';
import { isObject, type JsonObject } from '../../model/json-object.js';
import { declareAddresses } from './call-args.js';
import type { ChainCall } from './chain.js';
import type { PluginNamespace } from './plugin-namespace.js';
import type { CacheEntry } from '../attachments/cache-entry.js';

/**
 * An attachment as its plugins are told of it, now and on every later DEL.
 *
 * @param namespace the one that it was made in, unless that is gone
 * @param held inherited by the plugins
 * @throws NetworkError storage
 */
export function callOf(entry: CacheEntry, namespace: PluginNamespace | undefined, held: HeldFile): ChainCall {
  const { containerId, ifName, cniArgs, capabilityArgs, config } = entry;
  return {
    conflist: declareAddresses(parseConfig(config, held.target), capabilityArgs),
    containerId,
    namespace,
    ifName,
    cniArgs,
    capabilityArgs,
    descriptors: [held.descriptor],
  };
}

function parseConfig(config: string, file: string): JsonObject {
  let conflist: unknown;
  try {
    conflist = JSON.parse(config);
  } catch {
    // Judged below like anything else that is no object.
  }
  if (isObject(conflist)) return conflist;
  throw new NetworkError('storageFailed', {
    path: file,
    operation: 'read',
    reason: 'its configuration is no JSON object',
  });
}
