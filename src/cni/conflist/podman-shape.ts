import type { JsonObject } from '../../model/json-object.js';
import type { Driver } from '../../model/network.js';

/**
 * Members of the conflists that Podman writes, in the order of its structs: podnetd prints them in this order, and takes a file that has
 * another member for a foreign one.
 *
 * source: containers/common libnetwork/cni/cni_types.go@v0.50.1, podman libpod/network/netconflist.go@v3.0.1
 */
export const listKeys = ['args', 'cniVersion', 'name', 'plugins'] as const;

const parentedKeys = ['type', 'master', 'ipam', 'mtu', 'mode', 'capabilities'] as const;

/** Of the first plugin, whose type is the driver. */
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
    'ipam',
    'capabilities',
  ],
  macvlan: parentedKeys,
  ipvlan: parentedKeys,
} as const satisfies Readonly<Record<Driver, readonly string[]>>;

const bridgeChain = ['portmap', 'firewall', 'tuning', 'dnsname'] as const;

/** Types of the plugins that follow the first one, in order. */
export const chains: Readonly<Record<Driver, readonly ChainedType[]>> = {
  bridge: bridgeChain,
  macvlan: [],
  ipvlan: [],
};

/** A Podman before 2.1 writes no tuning; dnsname comes with DNS. */
export const optionalPlugins: ReadonlySet<ChainedType> = new Set(['tuning', 'dnsname']);

export type FirstPluginKey = (typeof firstPluginKeys)[Driver][number];
export type ChainedType = (typeof bridgeChain)[number];

/** Whether podnetd understands plugins of a type as a network's first. */
export function isDriver(type: unknown): type is Driver {
  return typeof type === 'string' && Object.hasOwn(firstPluginKeys, type);
}

/** Whether the network shares the wire of its parent, so that the host routes nothing into it. */
export function isOnParentsWire(type: unknown): boolean {
  return type === 'macvlan' || type === 'ipvlan';
}

/**
 * Whether a conflist has the shape of those that podnetd and Podman write. podnetd infers it from the keys and the chain, because Podman leaves
 * no mark of its own; a file of any other shape is foreign.
 */
export function isPodmanShaped(conflist: JsonObject, [first, ...rest]: readonly JsonObject[]): boolean {
  const driver = first?.['type'];
  if (first === undefined || !isDriver(driver)) return false;
  const types = rest.map((plugin) => plugin['type']);
  const chain = chains[driver].filter((type) => !optionalPlugins.has(type) || types.includes(type));
  return hasOnly(conflist, listKeys) && hasOnly(first, firstPluginKeys[driver]) && types.join() === chain.join();
}

function hasOnly(object: JsonObject, keys: readonly string[]): boolean {
  return Object.keys(object).every((key) => keys.includes(key));
}
