import { contains, formatAddress, parseAddress } from '../../ip/cidr.js';
import type { Attachment } from '../../model/attachment.js';
import type { JsonObject } from '../../model/json-object.js';
import type { Network } from '../../model/network.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { Lease } from './leases.js';
import type { CacheEntry } from './cache-entry.js';

/** The attachments that only leases record, one an interface: their ADD or DEL broke off, or their cache was cleared. */
export function readUnrecorded({ network }: StoredNetwork, leases: readonly Lease[]): readonly Attachment[] {
  const found = new Map<string, Attachment>();
  for (const { containerId, ifName = 'eth0', address: text } of leases) {
    const address = parseAddress(text);
    if (address === undefined) continue;
    const key = `${containerId} ${ifName}`;
    const before = found.get(key);
    const subnet = network.subnets.find(({ cidr }) => contains(cidr, address));
    const prefixBits = subnet?.cidr.prefixBits ?? (address.family === 4 ? 32 : 128);
    found.set(key, {
      networkName: network.name,
      containerId,
      containerName: undefined,
      ifName,
      netns: undefined,
      macAddress: undefined,
      addresses: [...(before?.addresses ?? []), { address, prefixBits, gateway: subnet?.gateway }],
      aliases: [],
      portMappings: [],
    });
  }
  return [...found.values()];
}

/**
 * portmap removes a container's rules by its id, provided that the call has any port mapping.
 *
 * source: containernetworking/plugins plugins/meta/portmap/main.go@v1.1.1 (cmdDel)
 */
const anyMapping = { hostPort: 1, containerPort: 1, protocol: 'tcp', hostIP: '' };

/** The cache entry that the DEL of an unrecorded attachment needs; plugins remove rules by the addresses of its result. */
export function describeUnrecorded(
  { networkName, containerId, ifName, addresses }: Attachment,
  { network, conflist }: Pick<StoredNetwork, 'network' | 'conflist'>,
  config: string,
): CacheEntry {
  return {
    networkName,
    containerId,
    ifName,
    netns: undefined,
    config,
    cniArgs: [['IgnoreUnknown', '1']],
    capabilityArgs: { portMappings: [anyMapping] },
    result: {
      cniVersion: conflist['cniVersion'] ?? '',
      interfaces: interfacesOf(network, ifName),
      ips: addresses.map(({ address, prefixBits }) => ({
        // CNI versions before 1.0 require it.
        version: String(address.family),
        address: `${formatAddress(address)}/${prefixBits}`,
      })),
    },
  };
}

/** Plugins take the first interface for the bridge. */
function interfacesOf({ networkInterface }: Network, ifName: string): readonly JsonObject[] {
  return [networkInterface, ifName].filter((name) => name !== '').map((name) => ({ name }));
}
