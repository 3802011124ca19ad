import type { Cidr } from '../../model/address.js';
import { bounds } from '../../model/bounds.js';
import { asArray, asObject, type JsonObject } from '../../model/json-object.js';
import { argKeys, type ArgKey } from './arg-keys.js';
import { DecodeError } from './file-fault.js';

/** Default routes of a file, one for each family, which stand beside its static routes. */
const defaultRoutes = 2;

/**
 * podnetd cannot use a file that exceeds a bound. The prefixes of such a file still count as taken, up to `bounds.takenPrefixes`.
 */

/** Each prefix once, `bounds.takenPrefixes` at most; a file names its prefix again for each piece of a lease range. */
export function distinctPrefixes(prefixes: readonly Cidr[]): readonly Cidr[] {
  const distinct = new Map<string, Cidr>();
  for (const cidr of prefixes) {
    if (distinct.size === bounds.takenPrefixes) break;
    distinct.set(`${cidr.base}/${cidr.prefixBits}/${cidr.family}`, cidr);
  }
  return [...distinct.values()];
}

/**
 * Refuses a list that exceeds a bound, before its network is read.
 *
 * @throws DecodeError
 */
export function checkFileBounds(conflist: JsonObject): void {
  const plugins = asArray(conflist['plugins']);
  refuseMore('plugins', plugins.length, bounds.plugins);
  const [first] = plugins;
  const ipam = asObject(asObject(first)['ipam']);
  const ranges = asArray(ipam['ranges']).flat(1);
  refuseMore('ipam.ranges', ranges.length, bounds.leaseRanges);
  const subnets = new Set(ranges.map((range) => asObject(range)['subnet']));
  refuseMore('ipam.ranges: the subnets', subnets.size, bounds.subnets);
  refuseMore('ipam.routes', asArray(ipam['routes']).length, bounds.routes + defaultRoutes);
  refuseMore('dns.nameservers', asArray(asObject(asObject(first)['dns'])['nameservers']).length, bounds.dnsServers);
  const args = asObject(conflist['args']);
  for (const [key, limit] of argLimits) refuseMore(`args.${key}`, countEntries(args[key]), limit);
  const perSubnet = Object.values(asObject(args[argKeys.reserved])).map(countEntries);
  const reserved = perSubnet.reduce((sum, count) => sum + count, 0);
  refuseMore(`args.${argKeys.reserved}`, reserved, bounds.auxiliaryAddresses);
}

/** Most entries of each member. podnetd alone chooses the Docker members; `checkFileBounds` sums reserved addresses over the subnets. */
const argBounds: Readonly<Record<Exclude<ArgKey, typeof argKeys.dockerMembers | typeof argKeys.reserved>, number>> = {
  [argKeys.labels]: bounds.labels,
  [argKeys.options]: bounds.options,
  [argKeys.dockerOptions]: bounds.options,
  [argKeys.dockerIpamOptions]: bounds.ipamOptions,
  [argKeys.dockerPools]: bounds.subnets,
  [argKeys.leaseRanges]: bounds.subnets,
};

const argLimits = Object.entries(argBounds);

function countEntries(value: unknown): number {
  return Object.keys(asObject(value)).length;
}

function refuseMore(place: string, count: number, limit: number): void {
  if (count > limit)
    throw new DecodeError(`${place} has ${count} entries, at most ${limit} are allowed: leave some out`);
}
