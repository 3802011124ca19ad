import { parseAddress, parseCidr, firstAddress } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import { networkId } from '../../model/names.js';
import type { Network, StringMap, Subnet } from '../../model/network.js';
import { argKeys } from './arg-keys.js';
import { readStrings } from './arg-maps.js';
import { isPodmanShaped } from './authorship.js';
import { isWhole, withChained, type ChainedPlugins } from './chained-plugins.js';
import { checkFileBounds, distinctPrefixes } from './file-bounds.js';
import { DecodeError, parseObject, type FileFault } from './file-fault.js';
import { findPrefixes } from './ipam-prefixes.js';
import { withNested } from './nested-plugins.js';
import { asArray, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import { readDockerArgs } from './docker-args.js';
import { mergePieces, type MapsBySubnet } from './reserved-args.js';
import { findFaultOfSingle, readName, readPlugins } from './structure.js';

/**
 * What one configuration file says. A file may take a name, prefixes and bridges without being a network that can be shown:
 * a single-plugin file is none, and one with a fault is not, but whoever reads it leniently still uses what it names.
 */
export interface DecodedFile {
  /** As it was read: libpod 3 shows it byte for byte, and a file by others is printed in nobody's way but its own. */
  readonly text: string;
  /** What the text says, with the plugins of the network's plugin folder. */
  readonly conflist: JsonObject;
  readonly name: string | undefined;
  readonly network: Network | undefined;
  /** Why no runtime can use the file. */
  readonly problem: FileFault | undefined;
  /** It looks like one that podnetd or Podman writes. */
  readonly podmanShaped: boolean;
  readonly prefixes: readonly Cidr[];
  /** The prefixes are routed into a link of this host; false for macvlan and ipvlan, which share their parent's wire. */
  readonly routed: boolean;
  readonly bridges: readonly string[];
}

/**
 * Reads a `.conflist`, or (`isList` false) a single-plugin `.conf` or `.json`.
 *
 * source: containernetworking/cni libcni/conf.go@v1.1.2, @v1.3.0 for plugin folders; containers/common
 * libnetwork/cni/cni_conversion.go@v0.50.1
 *
 * @param chainedOf what the plugin folder of a network says, if it has one
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
  const leasing = everyPlugin.map((plugin) => ({ plugin, prefixes: findPrefixes(plugin) }));
  return {
    text,
    conflist,
    name: textOf(conflist['name']) || undefined,
    prefixes: distinctPrefixes(leasing.flatMap(({ prefixes }) => prefixes)),
    routed: leasing.some(({ plugin, prefixes }) => prefixes.length > 0 && !isOnParentsWire(plugin)),
    bridges: everyPlugin.filter((plugin) => plugin['type'] === 'bridge').map(bridgeOf),
    podmanShaped: isList && isPodmanShaped(file, asArray(file['plugins']).filter(isObject)),
    ...(isList
      ? readList(conflist, createdNs, chained?.fault)
      : { network: undefined, problem: findFaultOfSingle(file) }),
  };
}

function isOnParentsWire({ type }: JsonObject): boolean {
  return type === 'macvlan' || type === 'ipvlan';
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
  const [first = {}] = plugins;
  const driver = String(first['type']);
  const args = isObject(conflist['args']) ? conflist['args'] : {};
  const understood = driver === 'bridge' || driver === 'macvlan' || driver === 'ipvlan';
  const internal = driver === 'bridge' && first['isGateway'] !== true;
  const ipam = isObject(first['ipam']) ? first['ipam'] : {};
  const ranges = understood && ipam['type'] === 'host-local' ? readRanges(ipam, internal) : [];
  const subnets = mergePieces(
    ranges,
    readStringMaps(args[argKeys.reserved]),
    readStringMaps(args[argKeys.leaseRanges]),
  );
  return {
    name,
    id: networkId(name),
    driver,
    networkInterface: readInterface(driver, first),
    createdNs,
    subnets,
    ipv6Enabled: subnets.some((subnet) => subnet.cidr.family === 6),
    internal,
    dnsEnabled: plugins.some((plugin) => plugin['type'] === 'dnsname'),
    labels: readStrings(args[argKeys.labels]),
    options: readOptions(args, understood ? first : {}, plugins),
    ipamDriver: understood ? readIpamDriver(ipam) : undefined,
    docker: readDockerArgs(args),
  };
}

function readInterface(driver: string, first: JsonObject): string {
  if (driver === 'bridge') return bridgeOf(first);
  return driver === 'macvlan' || driver === 'ipvlan' ? textOf(first['master']) : '';
}

/** The bridge plugin's own default; source: containernetworking/plugins plugins/main/bridge@v1.1.1. */
function bridgeOf(plugin: JsonObject): string {
  return textOf(plugin['bridge']) || 'cni0';
}

function readIpamDriver(ipam: JsonObject): string {
  return textOf(ipam['type']) || 'none';
}

function readOptions(args: JsonObject, first: JsonObject, plugins: readonly JsonObject[]): StringMap {
  const options = new Map(readStrings(args[argKeys.options]));
  for (const key of ['mtu', 'vlan'] as const) {
    const value = first[key];
    if (typeof value === 'number' && value !== 0) options.set(key, String(value));
  }
  if (typeof first['mode'] === 'string' && first['mode'] !== '') options.set('mode', first['mode']);
  const firewall = plugins.find((plugin) => plugin['type'] === 'firewall');
  if (firewall?.['ingressPolicy'] === 'same-bridge') options.set('isolate', 'true');
  return options;
}

function readStringMaps(value: unknown): MapsBySubnet {
  return new Map(Object.entries(isObject(value) ? value : {}).map(([key, member]) => [key, readStrings(member)]));
}

function readRanges(ipam: JsonObject, internal: boolean): readonly Subnet[] {
  return asArray(ipam['ranges'])
    .flat(1)
    .filter(isObject)
    .map((range) => readRange(range, internal));
}

function readRange(range: JsonObject, internal: boolean): Subnet {
  const cidr = parseCidr(textOf(range['subnet']))?.cidr;
  if (cidr === undefined) throw new DecodeError(`invalid CIDR address: ${textOf(range['subnet'])}`);
  const read = (key: string, label: string) => {
    const text = textOf(range[key]);
    if (text === '') return undefined;
    const address = parseAddress(text);
    if (address === undefined) throw new DecodeError(`failed to parse ${label} ip ${text}`);
    return address;
  };
  return {
    cidr,
    gateway: read('gateway', 'gateway') ?? (internal ? undefined : firstAddress(cidr)),
    leaseStart: read('rangeStart', 'range start'),
    leaseEnd: read('rangeEnd', 'range end'),
    reserved: new Map(),
  };
}
