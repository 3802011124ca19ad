import { asArray, isObject, type JsonObject } from '../../model/json-object.js';

/**
 * The plugins of a chain and those that they run in turn, each with its own configuration: `delegates` of multus, of which each is a plugin
 * or a list of them, and `delegate` of flannel, a bridge unless it says otherwise.
 *
 * source: k8snetworkplumbingwg/multus-cni pkg/types/types.go@v4.2.0, flannel-io/cni-plugin flannel_linux.go@v1.6.0
 */
export function withNested(plugins: readonly JsonObject[]): readonly JsonObject[] {
  if (!plugins.some(runsOthers)) return plugins;
  const found: JsonObject[] = [];
  // A file may nest deeper than calls can.
  const waiting: unknown[] = [...plugins];
  while (waiting.length > 0) {
    const plugin = waiting.pop();
    if (!isObject(plugin)) continue;
    found.push(plugin);
    waiting.push(...asArray(plugin['delegates']), ...asArray(plugin['plugins']));
    if (plugin['type'] === 'flannel')
      waiting.push({ type: 'bridge', ...(isObject(plugin['delegate']) && plugin['delegate']) });
  }
  return found;
}

function runsOthers(plugin: JsonObject): boolean {
  return plugin['delegates'] !== undefined || plugin['plugins'] !== undefined || plugin['type'] === 'flannel';
}
