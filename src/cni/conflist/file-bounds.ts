import type { Cidr } from '../../model/address.js';
import { bounds } from '../../model/bounds.js';
import { asArray, isObject, type JsonObject } from '../../model/json-object.js';
import { argKeys } from './arg-keys.js';
import { DecodeError } from './file-fault.js';

/** What a file has beyond the bounds makes it one that cannot be used; what it takes, it takes all the same, up to a bound of its own. */

/** Each prefix once, as many as count; a file names one for each piece of a lease range. */
export function distinctPrefixes(prefixes: readonly Cidr[]): readonly Cidr[] {
  const distinct = new Map<string, Cidr>();
  for (const cidr of prefixes) {
    if (distinct.size === bounds.takenPrefixes) break;
    distinct.set(`${cidr.base}/${cidr.prefixBits}/${cidr.family}`, cidr);
  }
  return [...distinct.values()];
}

/**
 * Refuses a list with more of something than a network may have, before it is read.
 *
 * @throws DecodeError
 */
export function checkFileBounds(conflist: JsonObject): void {
  const plugins = asArray(conflist['plugins']);
  refuseMore('plugins', plugins.length, bounds.plugins);
  const [first] = plugins;
  const ipam = isObject(first) && isObject(first['ipam']) ? first['ipam'] : {};
  const ranges = asArray(ipam['ranges']).flat(1);
  refuseMore('ipam.ranges', ranges.length, bounds.leaseRanges);
  const subnets = new Set(ranges.map((range) => (isObject(range) ? range['subnet'] : undefined)));
  refuseMore('ipam.ranges: the subnets', subnets.size, bounds.subnets);
  refuseMore('ipam.routes', asArray(ipam['routes']).length, bounds.routes);
  const args = isObject(conflist['args']) ? conflist['args'] : {};
  for (const [key, limit] of Object.entries(argBounds)) refuseMore(`args.${key}`, countEntries(args[key]), limit);
  const perSubnet = Object.values(objectOf(args[argKeys.reserved])).map(countEntries);
  const reserved = perSubnet.reduce((sum, count) => sum + count, 0);
  refuseMore(`args.${argKeys.reserved}`, reserved, bounds.auxiliaryAddresses);
}

const argBounds: Readonly<Record<string, number>> = {
  [argKeys.labels]: bounds.labels,
  [argKeys.options]: bounds.options,
  [argKeys.dockerOptions]: bounds.options,
  [argKeys.dockerIpamOptions]: bounds.ipamOptions,
  [argKeys.dockerPools]: bounds.subnets,
  [argKeys.leaseRanges]: bounds.subnets,
};

function countEntries(value: unknown): number {
  return Object.keys(objectOf(value)).length;
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function refuseMore(place: string, count: number, limit: number): void {
  if (count > limit)
    throw new DecodeError(`${place} has ${count} entries, at most ${limit} are allowed: leave some out`);
}
