import { bounds } from '../../model/bounds.js';
import { measureJson } from '../../model/json-extent.js';
import { isObject, textOf, type JsonObject } from '../../model/json-object.js';
import type { FileFault } from './file-fault.js';

/** The content of a list's plugin folder, `<folder of lists>/<name of the network>`. */
export interface ChainedPlugins {
  /** In the order of their files. */
  readonly plugins: readonly JsonObject[];
  /** Why no runtime can use the folder: one plugin with a fault breaks the whole chain. */
  readonly fault: FileFault | undefined;
}

/**
 * Whether a list has all its plugins in itself, and none in a folder of its name.
 *
 * source: containernetworking/cni libcni/conf.go@v1.3.0 (loadOnlyInlinedPlugins)
 */
export function isWhole({ loadOnlyInlinedPlugins: flag }: JsonObject): boolean {
  return flag === true || textOf(flag).toLowerCase() === 'true';
}

/** The list with the plugins of its folder behind its own, marked as one that needs no folder any more. */
export function withChained(conflist: JsonObject, chained: readonly JsonObject[]): JsonObject {
  const inlined = conflist['plugins'] ?? [];
  // libcni refuses a list whose own `plugins` are empty or no array, even if the folder has plugins.
  const isUsable = Array.isArray(inlined) && (inlined.length > 0 || conflist['plugins'] === undefined);
  if (chained.length === 0 || !isUsable) return conflist;
  return { ...conflist, plugins: [...(inlined as readonly unknown[]), ...chained], loadOnlyInlinedPlugins: true };
}

/** @returns the plugin that a file of a plugin folder defines, or why it defines none */
export function decodePlugin(text: string): JsonObject | string {
  const { values } = measureJson(text, Infinity);
  if (values > bounds.fileValues)
    return `error parsing configuration: it has ${values} values, at most ${bounds.fileValues} are read`;
  let plugin: unknown;
  try {
    plugin = JSON.parse(text);
  } catch (error) {
    return `error parsing configuration: ${(error as SyntaxError).message}`;
  }
  if (!isObject(plugin)) return 'error parsing configuration: it is no object';
  return textOf(plugin['type']) === '' ? "error parsing configuration: missing 'type'" : plugin;
}
