import { parseCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import { isObject, type JsonObject } from '../../model/json-object.js';

/**
 * Keys, in lower case, under which IPAM plugins name the prefixes that they lease from; Go matches keys in any case. host-local has `subnet`, in
 * `ranges` or in its old place beside them; static has `addresses` with an `address` each, and `ips` in the arguments of its plugin;
 * whereabouts has `range`, also in `ipRanges`; calico-ipam has lists of pools, by prefix or by name.
 *
 * source: containernetworking/plugins plugins/ipam/{host-local,static}@v1.1.1, k8snetworkplumbingwg/whereabouts pkg/types/types.go@v0.9.0,
 * projectcalico/calico cni-plugin/pkg/types/types.go@v3.29.0
 */
const prefixKeys = new Set(['subnet', 'subnets', 'address', 'addresses', 'ips', 'range', 'ipv4_pools', 'ipv6_pools']);

/** Prefixes that a plugin may lease addresses from, as far as its configuration names them. */
export function findPrefixes(plugin: JsonObject): readonly Cidr[] {
  const { ipam, args } = plugin;
  if (ipam === undefined && args === undefined) return [];
  // A file names its prefix again for each piece of a lease range.
  const found = new Map<string, Cidr | undefined>();
  // A file may nest deeper than the stack of calls, and have so many values that a pair for each would cost more than to parse them.
  const keys = ['ipam'];
  const values = [ipam];
  const add = (key: string, value: unknown) => {
    keys.push(key);
    values.push(value);
  };
  if (isObject(args) && isObject(args['cni'])) add('ips', args['cni']['ips']);
  for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
    const value = values.pop();
    if (typeof value === 'string') {
      const isPrefix = value.includes('/') && prefixKeys.has(key.toLowerCase());
      if (isPrefix && !found.has(value)) found.set(value, parsePrefix(value));
    } else if (Array.isArray(value)) {
      for (const item of value as readonly unknown[]) add(key, item);
    } else if (isObject(value)) {
      for (const member of Object.keys(value)) add(member, value[member]);
    }
  }
  // A prefix of 0 bits holds every address: no network has all of them.
  return [...found.values()].flatMap((cidr) => (cidr === undefined || cidr.prefixBits === 0 ? [] : cidr)).toReversed();
}

/** Reads whereabouts' forms too: `first-last/bits`, and zeros in front of a number. */
function parsePrefix(text: string): Cidr | undefined {
  const prefix = text.slice(text.lastIndexOf('-') + 1);
  return (parseCidr(prefix) ?? parseCidr(prefix.replaceAll(/(?<![\d:a-f])0+(?=\d)/gi, '')))?.cidr;
}
