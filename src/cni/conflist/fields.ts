import { textOf, type JsonObject } from '../../model/json-object.js';
import type { Network, PlannedNetwork } from '../../model/network.js';
import type { CheckedRequest } from '../../model/request.js';
import { argKeys } from './arg-keys.js';
import { readStrings, unlessEmpty } from './arg-maps.js';
import { differ, differByKey } from './differences.js';
import { buildDockerArgs, readDockerArgs } from './docker-args.js';
import type { ConflistParts, Field, Written } from './field.js';
import { dnsServers } from './dns-servers.js';
import { options } from './options.js';
import { isDriver } from './podman-shape.js';
import { routes } from './routes.js';
import { hasIpv6, isInternal, subnets } from './subnets.js';

/** Facts of a network that its conflist holds; `decode` and `encode` handle the name themselves. */
export type Facts = Omit<Network, 'name' | 'id' | 'createdNs'>;

/**
 * The meaning of each fact in a conflist: `decode` reads by these rows, `encode` writes by them, and `findDifferences` compares in their order.
 *
 * A new fact is a member of `Network` and a row of that name; the compiler requires the row:
 *
 *     searchDomains: {
 *       read: ({ args }) => readTexts(args[argKeys.searchDomains]),
 *       write: ({ searchDomains }) => ({ args: { [argKeys.searchDomains]: searchDomains } }),
 *       compare: (has, { searchDomains }) => differ('search_domains', has.join(', '), searchDomains.join(', ')),
 *     },
 *
 * A row names its place in the file: a key of `argKeys`, for which the compiler requires a bound in `file-bounds`, or a member that
 * `podman-shape` lists.
 */
export const fields: { readonly [Name in keyof Facts]: Field<Facts[Name]> } = {
  driver: {
    read: ({ driver }) => driver,
    write: ({ driver }) => ({
      first: { type: driver, hairpinMode: true },
      chained: { portmap: { capabilities: { portMappings: true } }, tuning: {} },
    }),
    compare: (has, { driver }) => differ('driver', has, driver),
  },
  internal: {
    read: isInternal,
    // podnetd does not read `ipMasq` back, because no dialect shows it.
    write: ({ internal, link: { masquerade } }) => ({
      first: { isGateway: !internal, ipMasq: (!internal && masquerade) || undefined },
    }),
    compare: (has, { internal, driver }) => differ('internal', has, internal && driver === 'bridge'),
  },
  networkInterface: {
    read: ({ driver, first }) => (driver === 'bridge' ? bridgeOf(first) : textOf(first['master'])),
    // With an empty master, macvlan and ipvlan use the device of the default route.
    write: ({ networkInterface }) => ({ first: { bridge: networkInterface, master: networkInterface } }),
    compare: (has, { networkInterface: wanted }) => (wanted === '' ? [] : differ('network_interface', has, wanted)),
  },
  ipamDriver: {
    read: ({ driver, ipam }) => (isDriver(driver) ? textOf(ipam['type']) || 'none' : undefined),
    // The `ips` capability lets a runtime ask for static addresses.
    write: ({ ipamDriver, form }) => ({
      ipam: { type: ipamDriver === 'none' ? '' : ipamDriver },
      first: { capabilities: form === 'podman4' && ipamDriver === 'host-local' ? { ips: true } : undefined },
    }),
    compare: (has, { ipamDriver }) => differ('ipam driver', has ?? '', ipamDriver),
  },
  ipv6Enabled: {
    read: hasIpv6,
    // A subnet of the family is all that a file has.
    write: () => ({}),
    compare: (has, { ipv6Enabled }) => (ipv6Enabled ? differ('ipv6_enabled', has, true) : []),
  },
  dnsEnabled: {
    read: ({ plugins }) => plugins.some(({ type }) => type === 'dnsname'),
    write: ({ dnsEnabled }) =>
      dnsEnabled ? { chained: { dnsname: { domainName: 'dns.podman', capabilities: { aliases: true } } } } : {},
    // A request for DNS may get a network without: the plugin is optional.
    compare: (has, { dnsEnabled }) => (dnsEnabled ? [] : differ('dns_enabled', has, false)),
  },
  dnsServers,
  subnets,
  routes,
  labels: {
    read: ({ args }) => readStrings(args[argKeys.labels]),
    write: ({ labels }) => ({ args: { [argKeys.labels]: unlessEmpty(labels) } }),
    compare: (has, { labels }) => differByKey('label', has, labels),
  },
  options,
  docker: {
    read: ({ args }) => readDockerArgs(args),
    write: ({ docker }) => ({ args: docker === undefined ? {} : buildDockerArgs(docker) }),
    // Docker's clients compare these settings themselves.
    compare: () => [],
  },
};

const names = Object.keys(fields) as readonly (keyof Facts)[];

/** @throws DecodeError */
export function readFields(parts: ConflistParts): Facts {
  const facts: Partial<Record<keyof Facts, unknown>> = {};
  // V8 sets a member several times faster than `Object.fromEntries` defines one.
  for (const name of names) facts[name] = fields[name].read(parts);
  return facts as Facts;
}

export function writeFields(network: PlannedNetwork): Required<Written> {
  const merged = { first: {}, ipam: {}, chained: {}, args: {} };
  for (const name of names) {
    const { first, ipam, chained, args } = fields[name].write(network);
    if (first !== undefined) Object.assign(merged.first, first);
    if (ipam !== undefined) Object.assign(merged.ipam, ipam);
    if (chained !== undefined) Object.assign(merged.chained, chained);
    if (args !== undefined) Object.assign(merged.args, args);
  }
  return merged;
}

/** @returns a sentence for each difference, which names both values; a fact that the request leaves open does not differ */
export function findDifferences(network: Facts, request: CheckedRequest): readonly string[] {
  return names.flatMap((name) => compareField(name, network, request));
}

function compareField<Name extends keyof Facts>(name: Name, has: Pick<Facts, Name>, request: CheckedRequest) {
  return fields[name].compare(has[name], request);
}

/** Name of the bridge that a bridge plugin makes or joins. source: containernetworking/plugins plugins/main/bridge@v1.1.1 */
export function bridgeOf(plugin: JsonObject): string {
  return textOf(plugin['bridge']) || 'cni0';
}
