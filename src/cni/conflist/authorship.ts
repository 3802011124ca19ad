import type { JsonObject } from '../../model/json-object.js';

/** Top-level keys of every conflist that a Podman wrote. */
const listKeys = new Set(['args', 'cniVersion', 'name', 'plugins']);

/** source: containers/common libnetwork/cni/cni_types.go@v0.50.1, podman libpod/network/netconflist.go@v3.0.1 */
const firstPluginKeys: Readonly<Partial<Record<string, ReadonlySet<string>>>> = {
  bridge: new Set([
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
  ]),
  macvlan: new Set(['type', 'master', 'ipam', 'mtu', 'mode', 'capabilities']),
  ipvlan: new Set(['type', 'master', 'ipam', 'mtu', 'mode', 'capabilities']),
};

/** What follows a bridge: Podman before 2.1 had no tuning, and dnsname is optional. */
const bridgeChains = new Set([
  'portmap,firewall',
  'portmap,firewall,dnsname',
  'portmap,firewall,tuning',
  'portmap,firewall,tuning,dnsname',
]);

/**
 * Whether a conflist has the shape of one that podnetd or Podman writes, told by its keys and its chain: Podman leaves no mark of its own.
 * What is not recognised belongs to somebody else.
 */
export function isPodmanShaped(conflist: JsonObject, [first, ...rest]: readonly JsonObject[]): boolean {
  if (!Object.keys(conflist).every((key) => listKeys.has(key))) return false;
  const type = String(first?.['type']);
  const known = Object.hasOwn(firstPluginKeys, type) ? firstPluginKeys[type] : undefined;
  if (first === undefined || known === undefined || !Object.keys(first).every((key) => known.has(key))) return false;
  const chain = rest.map((plugin) => plugin['type']).join(',');
  return type === 'bridge' ? bridgeChains.has(chain) : rest.length === 0;
}
