import { parseAddress, parseCidr } from '../../ip/cidr.js';
import {
  portProtocols,
  type AttachedAddress,
  type Attachment,
  type AttachmentKey,
  type PortMapping,
} from '../../model/attachment.js';
import { hasCapability } from '../../model/capabilities.js';
import { findFaultOfConfig, findFaultOfKey, findFaultOfPlace } from './entry-faults.js';
import { asGoMaps, printGoJson, type GoValue } from '../../model/go/json.js';
import { asArray, asObject, isObject, textOf, type JsonObject } from '../../model/json-object.js';

/**
 * libcni's record of one ADD, kept until the DEL: the arguments of the plugins and the result.
 *
 * source: containernetworking/cni libcni/api.go@v1.1.2 (cachedInfo), `netns` @v1.2.0
 */
export interface CacheEntry {
  readonly networkName: string;
  readonly containerId: string;
  readonly ifName: string;
  /** Path of the namespace; only libcni 1.2 and later write it. */
  readonly netns: string | undefined;
  /** See {@link Attachment.mark}; libcni ignores the member that holds it. */
  readonly mark?: string | undefined;
  /** Text of the conflist that the plugins ran with. */
  readonly config: string;
  /** CNI_ARGS, in order. */
  readonly cniArgs: readonly (readonly [key: string, value: string])[];
  readonly capabilityArgs: JsonObject;
  /** Result of the last plugin of the chain, in the CNI version of the conflist. */
  readonly result: JsonObject;
}

/** The error for a file of the results, or of the intents, that holds no valid entry. */
export class CacheEntryError extends Error {
  override readonly name = 'CacheEntryError';

  constructor(
    reason: string,
    /** The attachment that the file claims to describe; undefined when it names none. */
    readonly claim?: AttachmentKey,
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}

const kind = 'cniCacheV1';
const markMember = 'podnetdNamespace';

/**
 * Prints an entry byte for byte as libcni does: members in the order of its struct, maps sorted, empty members left out. podnetd's mark comes last.
 *
 * @param entry members of one capability argument keep their order, because runtimes pass structs, as Podman
 * `{hostPort, containerPort, protocol, hostIP}`. libcni drops unknown members of a result, so `result` must hold only those that the CNI
 * specification names
 */
export function encodeCacheEntry(entry: CacheEntry): string {
  const capabilityArgs = new Map(Object.entries(entry.capabilityArgs)) as ReadonlyMap<string, GoValue>;
  return printGoJson({
    kind,
    containerId: entry.containerId,
    config: Buffer.from(entry.config, 'utf8').toString('base64'),
    ifName: entry.ifName,
    networkName: entry.networkName,
    netns: entry.netns || undefined,
    cniArgs: entry.cniArgs.length > 0 ? entry.cniArgs : undefined,
    capabilityArgs: capabilityArgs.size > 0 ? capabilityArgs : undefined,
    result: Object.keys(entry.result).length > 0 ? asGoMaps(entry.result) : undefined,
    [markMember]: entry.mark,
  });
}

/**
 * Reads an entry. A bare result, as libcni wrote before 0.8, is refused, because only its ambiguous file name says which attachment it describes.
 *
 * @param fileName name that the text was found under; an entry that claims another attachment is refused
 * @throws CacheEntryError
 */
export function decodeCacheEntry(text: string, fileName: string): CacheEntry {
  const entry = readEntry(text);
  const fault = findFaultOfKey(entry) ?? findFaultOfPlace(entry, fileName) ?? findFaultOfConfig(entry);
  if (fault !== undefined) {
    const { networkName, containerId, ifName } = entry;
    throw new CacheEntryError(fault, { networkName, containerId, ifName });
  }
  return entry;
}

function readEntry(text: string): CacheEntry {
  const file = parseObject(text);
  if (file['kind'] !== kind) {
    throw new CacheEntryError(
      file['kind'] === undefined
        ? 'a bare result, as libcni wrote before 0.8, does not name its attachment'
        : `the kind is ${JSON.stringify(file['kind'])}, not ${JSON.stringify(kind)}`,
    );
  }
  const read = (key: string) => textOf(file[key]) || fail(`no ${key}`);
  return {
    networkName: read('networkName'),
    containerId: read('containerId'),
    ifName: read('ifName'),
    netns: textOf(file['netns']) || undefined,
    mark: textOf(file[markMember]) || undefined,
    config: Buffer.from(textOf(file['config']), 'base64').toString('utf8'),
    cniArgs: asArray(file['cniArgs']).flatMap((pair) => {
      const [key, value] = asArray(pair);
      return typeof key === 'string' && typeof value === 'string' ? [[key, value] as const] : [];
    }),
    capabilityArgs: asObject(file['capabilityArgs']),
    result: asObject(file['result']),
  };
}

/** The attachment that an entry describes, from the container's end. */
export function toAttachment(entry: CacheEntry): Attachment {
  const { networkName, containerId, ifName, result } = entry;
  const interfaces = asArray(result['interfaces']).map(asObject);
  const index = interfaces.findIndex((found) => textOf(found['sandbox']) !== '' && found['name'] === ifName);
  const own = interfaces[index];
  return {
    networkName,
    containerId,
    containerName: nameOf(entry),
    ifName,
    netns: entry.netns ?? (textOf(own?.['sandbox']) || undefined),
    ...(entry.mark !== undefined && { mark: entry.mark }),
    macAddress: textOf(own?.['mac']).toLowerCase() || undefined,
    addresses: readAddresses(result, index),
    aliases: readAliases(entry),
    portMappings: readPortMappings(entry),
    ...readResolver(result),
  };
}

function readResolver({ dns }: JsonObject): Pick<Attachment, 'resolver'> {
  const { nameservers, search } = asObject(dns);
  const servers = asArray(nameservers).flatMap((server) => parseAddress(textOf(server)) ?? []);
  if (servers.length === 0) return {};
  return { resolver: { servers, searchDomains: asArray(search).filter((domain) => typeof domain === 'string') } };
}

/**
 * The container's name, which Podman passes as Kubernetes passes a pod's, for dnsname; nerdctl passes none. The first value counts, because
 * Podman appends the CNI_ARGS of its environment.
 *
 * source: containers/common libnetwork/cni/run.go@v0.50.1 (getRuntimeConfig)
 */
function nameOf({ cniArgs }: CacheEntry): string | undefined {
  return cniArgs.find(([key]) => key === 'K8S_POD_NAME')?.[1] || undefined;
}

function readAliases({ networkName, capabilityArgs: { aliases } }: CacheEntry): readonly string[] {
  if (!isObject(aliases) || !Object.hasOwn(aliases, networkName)) return [];
  return asArray(aliases[networkName]).filter((alias) => typeof alias === 'string');
}

/** The mapped ports: none for a chain without a plugin that maps them, because runtimes pass ports to every chain. */
function readPortMappings({ capabilityArgs, config }: CacheEntry): readonly PortMapping[] {
  const passed = asArray(capabilityArgs['portMappings']).filter(isObject);
  if (passed.length === 0 || !isMapping(config)) return [];
  return passed.flatMap(({ hostPort, containerPort, protocol, hostIP }) => {
    const known = portProtocols.find((name) => name === textOf(protocol).toLowerCase());
    if (typeof hostPort !== 'number' || typeof containerPort !== 'number' || known === undefined) return [];
    return [{ hostPort, containerPort, protocol: known, hostIp: textOf(hostIP) || undefined }];
  });
}

function isMapping(config: string): boolean {
  try {
    const conflist: unknown = JSON.parse(config);
    return isObject(conflist) && hasCapability(conflist, 'portMappings');
  } catch {
    return false;
  }
}

/** Results 0.1 and 0.2 have one address a family; later ones have a list, whose members may omit their interface. */
function readAddresses(result: JsonObject, index: number): readonly AttachedAddress[] {
  const old = ['ip4', 'ip6'].map((key) => result[key]).filter(isObject);
  if (old.length > 0) return old.flatMap((found) => readAddress(found['ip'], found['gateway']));
  return asArray(result['ips'])
    .filter(isObject)
    .filter((found) => typeof found['interface'] !== 'number' || found['interface'] === index)
    .flatMap((found) => readAddress(found['address'], found['gateway']));
}

function readAddress(cidrText: unknown, gatewayText: unknown): readonly AttachedAddress[] {
  const parsed = parseCidr(textOf(cidrText));
  if (parsed === undefined) return [];
  const { address, cidr } = parsed;
  return [{ address, prefixBits: cidr.prefixBits, gateway: parseAddress(textOf(gatewayText)) }];
}

function parseObject(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CacheEntryError((error as SyntaxError).message, undefined, error);
  }
  return isObject(value) ? value : fail('not a JSON object');
}

function fail(reason: string): never {
  throw new CacheEntryError(reason);
}
