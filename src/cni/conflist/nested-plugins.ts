import { asArray, isObject, type JsonObject } from '../../model/json-object.js';

/**
 * The plugins of a chain and the plugins that these run, each with its own configuration. multus has `delegates`, each a plugin or a list of
 * plugins; flannel has a `delegate`, which is a bridge unless it names another type.
 *
 * source: k8snetworkplumbingwg/multus-cni pkg/types/types.go@v4.2.0, flannel-io/cni-plugin flannel_linux.go@v1.6.0
 */
export function withNested(plugins: readonly JsonObject[]): readonly JsonObject[] {
  if (!plugins.some(runsOthers)) return plugins;
  const found: JsonObject[] = [];
  // A file may nest deeper than the stack of calls.
  const waiting: unknown[] = [...plugins];
  while (waiting.length > 0) {
    const plugin = waiting.pop();
    if (!isObject(plugin)) continue;
    found.push(plugin);
    // One by one, because a call takes fewer arguments than a file has values.
    for (const delegate of asArray(plugin['delegates'])) waiting.push(delegate);
    for (const delegate of asArray(plugin['plugins'])) waiting.push(delegate);
    if (plugin['type'] === 'flannel')
      waiting.push({ type: 'bridge', ...(isObject(plugin['delegate']) && plugin['delegate']) });
  }
  return found;
}

function runsOthers(plugin: JsonObject): boolean {
  return plugin['delegates'] !== undefined || plugin['plugins'] !== undefined || plugin['type'] === 'flannel';
}
