import { printGoJson } from '../../model/go/json.js';
import { asArray, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import { enableIcc } from '../../model/own-options.js';
import type { ChangedFacts, LinkOptions, Network, PlannedNetwork } from '../../model/network.js';
import { editJson } from './edit-json.js';
import { buildConflist } from './encode.js';
import { takeApart, type ConflistParts } from './field.js';
import { mergeChange } from './merge-change.js';
import { readDefaultRoutes } from './routes.js';
import { chains, isDriver, type ChainedType } from './podman-shape.js';
import { parseObject } from './file-fault.js';
import { pluginsOf } from './structure.js';

/** A file with a change. */
export interface Rewritten {
  readonly text: string;
  readonly network: PlannedNetwork;
}

/**
 * Changes facts of a network in the text of its file, as podnetd or Podman wrote it. Every byte of the file that says none of them stays.
 *
 * @throws UnclearPlace for a place that has another form than podnetd and Podman write
 * @throws TypeError for a network of a driver that podnetd does not know
 */
export function rewriteConflist(text: string, network: Network, changed: ChangedFacts): Rewritten {
  const conflist = parseObject(text, 'configuration list');
  const before = planOf(network, takeApart(conflist, pluginsOf(conflist)), textOf(conflist['cniVersion']));
  const after: PlannedNetwork = {
    ...before,
    ...changed,
    ipv6Enabled: (changed.subnets ?? before.subnets).some(({ cidr }) => cidr.family === 6),
    link: { ...before.link, ...changed.link },
  };
  const [was, is] = [valueOf(before), valueOf(after)];
  const { plugins: pluginsBefore, ...listBefore } = was;
  const { plugins: pluginsAfter, ...listAfter } = is;
  const { plugins, ...list } = conflist;
  const merged = mergeChange(list, listBefore, listAfter, 'file') as JsonObject;
  const rewritten = mergePlugins(asArray(plugins), asPlugins(pluginsBefore), asPlugins(pluginsAfter), after.driver);
  return { text: editJson(text, conflist, withPlugins(merged, conflist, rewritten)), network: after };
}

/** A network as it would be planned to get this file. */
function planOf(network: Network, parts: ConflistParts, cniVersion: string): PlannedNetwork {
  const { driver, ipamDriver } = network;
  if (!isDriver(driver)) throw new TypeError(`${network.name} has driver ${driver}`);
  const known = ipamDriver === 'dhcp' || ipamDriver === 'none' ? ipamDriver : 'host-local';
  // Podman 3 gives no first plugin the capability, and Podman 4 each that leases addresses.
  const form = known === 'host-local' && !isObject(parts.first['capabilities']) ? 'podman3' : 'podman4';
  return { ...network, driver, ipamDriver: known, form, link: linkOf(network, parts), cniVersion };
}

function linkOf({ options }: Network, parts: ConflistParts): LinkOptions {
  const { first } = parts;
  const defaultRoutes = readDefaultRoutes(parts);
  const numberOf = (key: string) => (typeof first[key] === 'number' ? first[key] : 0);
  return {
    mtu: numberOf('mtu'),
    vlan: numberOf('vlan'),
    mode: textOf(first['mode']),
    isolate: options.get('isolate') === 'true',
    masquerade: first['ipMasq'] === true,
    interContainer: options.get(enableIcc) !== 'false',
    defaultRoute: defaultRoutes.present,
    metric: defaultRoutes.metric,
  };
}

/** The parsed text that podnetd would write. */
function valueOf(network: PlannedNetwork): JsonObject {
  return JSON.parse(printGoJson(buildConflist(network))) as JsonObject;
}

function asPlugins(value: unknown): readonly JsonObject[] {
  return asArray(value).filter(isObject);
}

/** Changes the plugins one by one: the first one, and the others by their types. */
function mergePlugins(
  found: readonly unknown[],
  was: readonly JsonObject[],
  is: readonly JsonObject[],
  driver: PlannedNetwork['driver'],
): readonly unknown[] {
  const merged = found.flatMap((plugin, index) => {
    const place = `plugins[${index}]`;
    if (index === 0) return [mergeChange(plugin, was[0], is[0], place)];
    const [before, after] = [ofType(was, typeOf(plugin)), ofType(is, typeOf(plugin))];
    if (before !== undefined && after === undefined) return [];
    return [after === undefined ? plugin : mergeChange(plugin, before ?? { type: typeOf(plugin) }, after, place)];
  });
  const types = new Set(found.map(typeOf));
  for (const plugin of is.slice(1)) {
    const type = typeOf(plugin) as ChainedType;
    if (types.has(type) || ofType(was, type) !== undefined) continue;
    const behind = chains[driver].slice(chains[driver].indexOf(type) + 1);
    const next = merged.findIndex((other) => behind.some((one) => one === typeOf(other)));
    merged.splice(next === -1 ? merged.length : next, 0, plugin);
  }
  return merged;
}

/** The members of a list in the order of the file, with other plugins. */
function withPlugins(list: JsonObject, { plugins }: JsonObject, rewritten: readonly unknown[]): JsonObject {
  const isSame =
    rewritten.length === asArray(plugins).length && rewritten.every((one, at) => one === asArray(plugins)[at]);
  return { ...list, plugins: isSame ? plugins : rewritten };
}

function ofType(plugins: readonly JsonObject[], type: unknown): JsonObject | undefined {
  return plugins.slice(1).find((plugin) => plugin['type'] === type);
}

function typeOf(plugin: unknown): unknown {
  return isObject(plugin) ? plugin['type'] : undefined;
}
