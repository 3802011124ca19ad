import { asArray, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import { findFaultOfNetworkName } from '../../model/attachment-names.js';
import { DecodeError, describe, type Configuration } from './file-fault.js';

/** Checks of the structure that every runtime requires of a file; the plugins check the rest. */

/** @throws DecodeError */
export function readName(conflist: JsonObject, what: Configuration = 'configuration list'): string {
  const name = conflist['name'];
  if (name === undefined) throw new DecodeError(`error parsing ${what}: no name`);
  if (typeof name !== 'string') throw new DecodeError(`error parsing ${what}: invalid name ${describe(name)}`);
  if (findFaultOfNetworkName(name) !== undefined)
    throw new DecodeError(`network name ${JSON.stringify(name)} is not a valid name`);
  return name;
}

/** The plugins of a list that has passed `readPlugins`. */
export function pluginsOf(conflist: JsonObject): readonly JsonObject[] {
  return asArray(conflist['plugins']).filter(isObject);
}

/** @throws DecodeError */
export function readPlugins(conflist: JsonObject): readonly JsonObject[] {
  const plugins = conflist['plugins'];
  if (plugins === undefined) throw new DecodeError("error parsing configuration list: no 'plugins' key");
  if (!Array.isArray(plugins)) {
    throw new DecodeError(`error parsing configuration list: invalid 'plugins' type ${describe(plugins)}`);
  }
  if (plugins.length === 0) throw new DecodeError('error parsing configuration list: no plugins in list');
  return plugins.map(readPlugin);
}

function readPlugin(plugin: unknown, index: number): JsonObject {
  if (isObject(plugin) && typeof plugin['type'] === 'string' && plugin['type'] !== '') return plugin;
  throw new DecodeError(`failed to parse plugin config ${index}: error parsing configuration: missing 'type'`);
}

/** Why no runtime can use a single-plugin file: libcni requires a type, and a name for its leases and results. */
export function findFaultOfSingle(plugin: JsonObject): DecodeError | undefined {
  if (textOf(plugin['type']) === '') {
    const reason = "error parsing configuration: missing 'type'";
    const isList = plugin['plugins'] !== undefined;
    return new DecodeError(isList ? `${reason}; a list of plugins is read from a .conflist alone` : reason);
  }
  try {
    readName(plugin, 'configuration');
    return undefined;
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}
