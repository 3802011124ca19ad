import type { GoValue } from '../../model/go/json.js';
import { isObject, textOf, type JsonObject } from '../../model/json-object.js';
import type { DockerPool, DockerSettings, StringMap } from '../../model/network.js';
import { argKeys } from './arg-keys.js';
import { readStrings } from './arg-maps.js';

/** Members of `args` that keep what a Docker client asked for; those that say nothing are undefined. */
export function buildDockerArgs(docker: DockerSettings): readonly (readonly [key: string, GoValue | undefined])[] {
  const { options, ipamOptions, members, pools } = docker;
  return [
    [argKeys.dockerOptions, unlessEmpty(options)],
    // No options and an empty map of them are two answers to Docker's clients.
    [argKeys.dockerIpamOptions, ipamOptions],
    [argKeys.dockerMembers, unlessEmpty(members)],
    [argKeys.dockerPools, unlessEmpty(new Map([...pools].map(([prefix, pool]) => [prefix, buildPool(pool)])))],
  ];
}

function buildPool({ subnet, range, gateway, auxiliary }: DockerPool): GoValue {
  return {
    Subnet: subnet,
    IPRange: range || undefined,
    Gateway: gateway || undefined,
    AuxiliaryAddresses: unlessEmpty(auxiliary),
  };
}

function unlessEmpty<T extends ReadonlyMap<string, GoValue>>(map: T): T | undefined {
  return map.size > 0 ? map : undefined;
}

/** @returns undefined for a file that keeps none of it */
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
  for (const [prefix, pool] of Object.entries(isObject(value) ? value : {})) {
    if (!isObject(pool)) continue;
    const auxiliary: StringMap = readStrings(pool['AuxiliaryAddresses']);
    const [subnet, range, gateway] = ['Subnet', 'IPRange', 'Gateway'].map((member) => textOf(pool[member]));
    pools.set(prefix, { subnet: subnet ?? '', range: range ?? '', gateway: gateway ?? '', auxiliary });
  }
  return pools;
}
