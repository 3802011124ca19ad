import type { GoValue } from '../../model/go/json.js';
import { asObject, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import type { DockerPool, DockerSettings, StringMap } from '../../model/network.js';
import { argKeys } from './arg-keys.js';
import { readStrings, unlessEmpty } from './arg-maps.js';
import type { Written } from './field.js';

/** Members of `args` that keep the settings of a Docker client word for word. */
export function buildDockerArgs({
  options,
  ipamOptions,
  members,
  pools,
}: DockerSettings): NonNullable<Written['args']> {
  return {
    [argKeys.dockerOptions]: unlessEmpty(options),
    // An empty map and no map are two answers to Docker's clients, so an empty one is kept.
    [argKeys.dockerIpamOptions]: ipamOptions,
    [argKeys.dockerMembers]: unlessEmpty(members),
    [argKeys.dockerPools]: unlessEmpty(new Map([...pools].map(([prefix, pool]) => [prefix, buildPool(pool)]))),
  };
}

function buildPool({ subnet, range, gateway, auxiliary }: DockerPool): GoValue {
  return {
    Subnet: subnet,
    IPRange: range || undefined,
    Gateway: gateway || undefined,
    AuxiliaryAddresses: unlessEmpty(auxiliary),
  };
}

/** @returns undefined for a file that keeps no settings of a Docker client */
export function readDockerArgs(args: JsonObject): DockerSettings | undefined {
  const { dockerOptions, dockerIpamOptions, dockerMembers, dockerPools } = argKeys;
  if (![dockerOptions, dockerIpamOptions, dockerMembers, dockerPools].some((key) => isObject(args[key]))) {
    return undefined;
  }
  return {
    options: readStrings(args[dockerOptions]),
    ipamOptions: isObject(args[dockerIpamOptions]) ? readStrings(args[dockerIpamOptions]) : undefined,
    members: readStrings(args[dockerMembers]),
    pools: readPools(args[dockerPools]),
  };
}

function readPools(value: unknown): ReadonlyMap<string, DockerPool> {
  const pools = new Map<string, DockerPool>();
  for (const [prefix, pool] of Object.entries(asObject(value))) {
    if (!isObject(pool)) continue;
    const auxiliary: StringMap = readStrings(pool['AuxiliaryAddresses']);
    const [subnet, range, gateway] = ['Subnet', 'IPRange', 'Gateway'].map((member) => textOf(pool[member]));
    pools.set(prefix, { subnet: subnet ?? '', range: range ?? '', gateway: gateway ?? '', auxiliary });
  }
  return pools;
}
