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
import { asArray, isObject, textOf, type JsonObject } from '../../model/json-object.js';

/**
 * What libcni keeps of one ADD until the DEL: how the plugins were called and what they answered.
 *
 * source: containernetworking/cni libcni/api.go@v1.1.2 (cachedInfo), `netns` @v1.2.0
 */
export interface CacheEntry {
  readonly networkName: string;
  readonly containerId: string;
  readonly ifName: string;
  /** Written since libcni 1.2 only. */
  readonly netns: string | undefined;
  /** See {@link Attachment.mark}. libcni reads past the member that has it. */
  readonly mark?: string | undefined;
  /** The conflist that the plugins were given, as text. */
  readonly config: string;
  /** CNI_ARGS, in order. */
  readonly cniArgs: readonly (readonly [key: string, value: string])[];
  readonly capabilityArgs: JsonObject;
  /** Of the last plugin of the chain, in the version of the conflist. */
  readonly result: JsonObject;
}

/** A file of the results folder, or of the intents, that is no cache entry. */
export class CacheEntryError extends Error {
  override readonly name = 'CacheEntryError';

  constructor(
    reason: string,
    /** Of which attachment the file says that it is. */
    readonly claim?: AttachmentKey,
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}

const kind = 'cniCacheV1';
const markMember = 'podnetdNamespace';

/**
 * Prints an entry byte for byte as libcni does: members in the order of its struct, maps sorted, empty ones left out. A mark comes last.
 *
 * @param entry the members of one capability argument are printed in the order given: runtimes pass structs, as Podman
 * `{hostPort, containerPort, protocol, hostIP}`. libcni passes results through its own types first, so a `result` that is to be the same has
 * just the members that the CNI specification names
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
 * libcni before 0.8 wrote the bare result; whose it is only the name tells, which is ambiguous.
 *
 * @param fileName that the text was found under: an entry that is of another attachment is none
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
        ? 'a bare result, as libcni wrote before 0.8, does not tell whose it is'
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
    capabilityArgs: isObject(file['capabilityArgs']) ? file['capabilityArgs'] : {},
    result: isObject(file['result']) ? file['result'] : {},
  };
}

/** What an entry says of the container's end of the network. */
export function toAttachment(entry: CacheEntry): Attachment {
  const { networkName, containerId, ifName, result } = entry;
  const interfaces = asArray(result['interfaces']).map((value) => (isObject(value) ? value : {}));
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
  };
}

/**
 * Podman names its containers to the plugins as Kubernetes names pods, for dnsname; runtimes of Kubernetes give the pod's name. Others
 * (nerdctl) give none. The first value counts: Podman appends what the environment's CNI_ARGS say.
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

/** Runtimes pass them to every chain; where no plugin asks for them nothing was mapped. */
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

/** Results 0.1 and 0.2 have one address a family; later ones a list, whose members may leave out which interface they are of. */
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
