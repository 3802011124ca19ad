import { parseAddress, parseCidr, firstAddress } from '../ip/cidr.js';
import type { Cidr } from '../model/address.js';
import { namePattern, networkId } from '../model/names.js';
import type { Network, StringMap, Subnet } from '../model/network.js';
import { argKeys } from './arg-keys.js';
import { readStrings } from './arg-maps.js';
import { isPodmanShaped } from './authorship.js';
import { asArray, isObject, textOf, type JsonObject } from '../model/json-object.js';
import { readDockerArgs } from './docker-args.js';
import { mergePieces, type MapsBySubnet } from './reserved-args.js';

/**
 * What one configuration file says. A file may take a name, prefixes and bridges without being a network that can be shown:
 * a single-plugin file is none, and one with a fault is not, but whoever reads it leniently still uses what it names.
 */
export interface DecodedFile {
  /** As it was read: libpod 3 shows it byte for byte, and a file by others is printed in nobody's way but its own. */
  readonly text: string;
  readonly conflist: JsonObject;
  readonly name: string | undefined;
  readonly network: Network | undefined;
  /** Why a conflist is no network. */
  readonly problem: FileFault | undefined;
  /** It looks like one that podnetd or Podman writes. */
  readonly podmanShaped: boolean;
  readonly prefixes: readonly Cidr[];
  /** The prefixes are routed into a link of this host; false for macvlan and ipvlan, which share their parent's wire. */
  readonly routed: boolean;
  readonly bridges: readonly string[];
}

/** What is wrong with a file. */
export interface FileFault {
  readonly reason: string;
  /** Counted from 1, where it is known. */
  readonly line?: number | undefined;
}

/** A file that is no CNI configuration; the message is libcni's where it has one. */
export class DecodeError extends Error implements FileFault {
  override readonly name = 'DecodeError';

  constructor(
    readonly reason: string,
    readonly line?: number,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/**
 * Reads a `.conflist`, or (`isList` false) a single-plugin `.conf` or `.json`.
 *
 * source: containernetworking/cni libcni/conf.go@v1.1.2, containers/common libnetwork/cni/cni_conversion.go@v0.50.1
 *
 * @throws DecodeError when the text is not a JSON object
 */
export function decodeFile(text: string, isList: boolean, createdNs: bigint): DecodedFile {
  const conflist = parseObject(text);
  const plugins = (isList ? asArray(conflist['plugins']) : [conflist]).filter(isObject);
  const type = plugins[0]?.['type'];
  return {
    text,
    conflist,
    name: textOf(conflist['name']) || undefined,
    prefixes: plugins.flatMap((plugin) => findPrefixes(plugin['ipam'])),
    routed: type !== 'macvlan' && type !== 'ipvlan',
    bridges: plugins.filter((plugin) => plugin['type'] === 'bridge').map(bridgeOf),
    podmanShaped: isList && isPodmanShaped(conflist, plugins),
    ...(isList ? readList(conflist, createdNs) : { network: undefined, problem: undefined }),
  };
}

function readList(conflist: JsonObject, createdNs: bigint): Pick<DecodedFile, 'network' | 'problem'> {
  try {
    const name = readName(conflist);
    return { network: readNetwork(conflist, name, readPlugins(conflist), createdNs), problem: undefined };
  } catch (error) {
    if (error instanceof DecodeError) return { network: undefined, problem: error };
    throw error;
  }
}

function readName(conflist: JsonObject): string {
  const name = conflist['name'];
  if (name === undefined) throw new DecodeError('error parsing configuration list: no name');
  if (typeof name !== 'string')
    throw new DecodeError(`error parsing configuration list: invalid name ${describe(name)}`);
  if (!namePattern.test(name)) throw new DecodeError(`network name ${JSON.stringify(name)} is not a valid name`);
  return name;
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = `error parsing configuration list: ${(error as SyntaxError).message}`;
    throw new DecodeError(reason, lineOfFault(text, error as SyntaxError), { cause: error });
  }
  if (!isObject(value)) throw new DecodeError(`error parsing configuration list: ${describe(value)} is not an object`);
  return value;
}

function readPlugins(conflist: JsonObject): readonly JsonObject[] {
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

/** Keys under which IPAM plugins (host-local old and new, static, whereabouts) name the prefixes that they lease from. */
const prefixKeys = new Set(['subnet', 'range', 'address']);

function findPrefixes(ipam: unknown): readonly Cidr[] {
  if (Array.isArray(ipam)) return ipam.flatMap(findPrefixes);
  if (!isObject(ipam)) return [];
  return Object.entries(ipam).flatMap(([key, value]) => {
    if (typeof value !== 'string') return findPrefixes(value);
    const cidr = prefixKeys.has(key) ? parseCidr(value)?.cidr : undefined;
    return cidr === undefined || cidr.prefixBits === 0 ? [] : [cidr];
  });
}

/** The parser tells a position, or that the text ended too early. */
function lineOfFault(text: string, { message }: SyntaxError): number | undefined {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position === undefined && !message.includes('end of JSON input')) return undefined;
  return text.slice(0, position === undefined ? undefined : Number(position)).split('\n').length;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
