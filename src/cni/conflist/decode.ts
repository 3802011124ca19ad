import type { Cidr } from '../../model/address.js';
import { asArray, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import { networkId } from '../../model/names.js';
import type { Network } from '../../model/network.js';
import { isWhole, withChained, type ChainedPlugins } from './chained-plugins.js';
import { takeApart } from './field.js';
import { bridgeOf, readFields } from './fields.js';
import { checkFileBounds, distinctPrefixes } from './file-bounds.js';
import { DecodeError, parseObject, type FileFault } from './file-fault.js';
import { findPrefixes } from './ipam-prefixes.js';
import { withNested } from './nested-plugins.js';
import { isOnParentsWire, isPodmanShaped } from './podman-shape.js';
import { findFaultOfSingle, readName, readPlugins } from './structure.js';

/**
 * The content of one configuration file. A single-plugin file and a file with a fault are no networks that podnetd shows. Their name, prefixes
 * and bridges count as taken all the same, because a more lenient runtime may use them.
 */
export interface DecodedFile {
  /** The bytes of the file, which libpod 3 shows: podnetd could not print a foreign file again as its author did. */
  readonly text: string;
  /** The parsed text, with the plugins of the network's plugin folder; empty without a network, because such a file may be large. */
  readonly conflist: JsonObject;
  readonly name: string | undefined;
  readonly network: Network | undefined;
  /** Why no runtime can use the file. */
  readonly problem: FileFault | undefined;
  /** Whether podnetd or Podman may have written the file. */
  readonly podmanShaped: boolean;
  readonly prefixes: readonly Cidr[];
  /** Whether this host routes the prefixes into a link; false for macvlan and ipvlan, which share their parent's wire. */
  readonly routed: boolean;
  readonly bridges: readonly string[];
}

/**
 * Reads a `.conflist`, or (`isList` false) a single-plugin `.conf` or `.json`.
 *
 * source: containernetworking/cni libcni/conf.go@v1.1.2, @v1.3.0 for plugin folders; containers/common
 * libnetwork/cni/cni_conversion.go@v0.50.1
 *
 * @param chainedOf returns the content of a network's plugin folder, undefined without such a folder
 * @throws DecodeError when the text is not a JSON object
 */
export function decodeFile(
  text: string,
  isList: boolean,
  createdNs: bigint,
  chainedOf: (networkName: string) => ChainedPlugins | undefined = () => undefined,
): DecodedFile {
  const file = parseObject(text, isList ? 'configuration list' : 'configuration');
  const chained = isList && !isWhole(file) ? chainedOf(textOf(file['name'])) : undefined;
  const conflist = chained === undefined ? file : withChained(file, chained.plugins);
  const plugins = (isList ? asArray(conflist['plugins']) : [conflist]).filter(isObject);
  const everyPlugin = withNested(plugins);
  const read = isList
    ? readList(conflist, createdNs, chained?.fault)
    : { network: undefined, problem: findFaultOfSingle(file) };
  return {
    ...read,
    ...readPrefixes(everyPlugin),
    text,
    conflist: read.network === undefined ? {} : conflist,
    name: textOf(conflist['name']) || undefined,
    bridges: [...new Set(everyPlugin.filter((plugin) => plugin['type'] === 'bridge').map(bridgeOf))],
    podmanShaped: isList && isPodmanShaped(file, asArray(file['plugins']).filter(isObject)),
  };
}

function readPrefixes(plugins: readonly JsonObject[]): Pick<DecodedFile, 'prefixes' | 'routed'> {
  const prefixes: Cidr[] = [];
  let routed = false;
  for (const plugin of plugins) {
    const found = findPrefixes(plugin);
    for (const cidr of found) prefixes.push(cidr);
    routed ||= found.length > 0 && !isOnParentsWire(plugin['type']);
  }
  return { prefixes: distinctPrefixes(prefixes), routed };
}

function readList(
  conflist: JsonObject,
  createdNs: bigint,
  fault: FileFault | undefined,
): Pick<DecodedFile, 'network' | 'problem'> {
  try {
    const name = readName(conflist);
    if (fault !== undefined) return { network: undefined, problem: fault };
    checkFileBounds(conflist);
    return { network: readNetwork(conflist, name, readPlugins(conflist), createdNs), problem: undefined };
  } catch (error) {
    if (error instanceof DecodeError) return { network: undefined, problem: error };
    throw error;
  }
}

function readNetwork(conflist: JsonObject, name: string, plugins: readonly JsonObject[], createdNs: bigint): Network {
  return { name, id: networkId(name), createdNs, ...readFields(takeApart(conflist, plugins)) };
}
