import { asObject, type JsonObject } from '../../model/json-object.js';
import type { Driver } from '../../model/network.js';

/**
 * Top-level members of the conflists that Podman writes. A file with another member is foreign, here as in a first plugin.
 *
 * source: containers/common libnetwork/cni/cni_types.go@v0.50.1, podman libpod/network/netconflist.go@v3.0.1
 */
const listKeys = ['args', 'cniVersion', 'name', 'plugins'] as const;

const parentedKeys = ['type', 'master', 'ipam', 'dns', 'mtu', 'mode', 'capabilities'] as const;

/**
 * Members of the first plugin, whose type is the driver, in the order of Podman's structs: `encode` prints them in this order. podnetd alone
 * writes `dns` and `portIsolation`.
 */
export const firstPluginKeys = {
  bridge: [
    'type',
    'bridge',
    'isGateway',
    'isDefaultGateway',
    'forceAddress',
    'ipMasq',
    'mtu',
    'hairpinMode',
    'promiscMode',
    'vlan',
    'portIsolation',
    'ipam',
    'dns',
    'capabilities',
  ],
  macvlan: parentedKeys,
  ipvlan: parentedKeys,
} as const satisfies Readonly<Record<Driver, readonly string[]>>;

/** Members of the first plugin's `ipam`, in order; files of Podman may have others. */
export const ipamKeys = ['type', 'routes', 'ranges'] as const;

/** Members of the first plugin's `dns` that podnetd writes. */
const dnsKeys = ['nameservers'] as const;

const bridgeChain = ['portmap', 'firewall', 'tuning', 'dnsname'] as const;

/** Types of the plugins behind the first one, in order. */
export const chains: Readonly<Record<Driver, readonly ChainedType[]>> = {
  bridge: bridgeChain,
  macvlan: [],
  ipvlan: [],
};

/** Podman before 2.1 writes no tuning, and any Podman writes dnsname only for a network with DNS. */
const optionalPlugins: ReadonlySet<ChainedType> = new Set(['tuning', 'dnsname']);

export type FirstPluginKey = (typeof firstPluginKeys)[Driver][number];
export type IpamKey = (typeof ipamKeys)[number];
export type ChainedType = (typeof bridgeChain)[number];

/** Whether podnetd understands networks whose first plugin has this type. */
export function isDriver(type: unknown): type is Driver {
  return typeof type === 'string' && Object.hasOwn(firstPluginKeys, type);
}

/** Whether a plugin of this type shares the wire of a parent, so that the host routes nothing into a link of its own. */
export function isOnParentsWire(type: unknown): boolean {
  return type === 'macvlan' || type === 'ipvlan';
}

/**
 * Whether podnetd or Podman may have written a conflist. podnetd infers it from the keys and the chain, because Podman leaves no mark; a file
 * of another shape is foreign.
 */
export function isPodmanShaped(conflist: JsonObject, [first, ...rest]: readonly JsonObject[]): boolean {
  const driver = first?.['type'];
  if (first === undefined || !isDriver(driver)) return false;
  const types = rest.map((plugin) => plugin['type']);
  const chain = chains[driver].filter((type) => !optionalPlugins.has(type) || types.includes(type));
  const isFirst = hasOnly(first, firstPluginKeys[driver]) && hasOnly(asObject(first['dns']), dnsKeys);
  return isFirst && hasOnly(conflist, listKeys) && types.join() === chain.join();
}

function hasOnly(object: JsonObject, keys: readonly string[]): boolean {
  return Object.keys(object).every((key) => keys.includes(key));
}
