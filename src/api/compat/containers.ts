import { formatAddress } from '../../ip/cidr.js';
import type { AttachedAddress, Attachment } from '../../model/attachment.js';
import { endpointId } from '../../model/names.js';
import type { CompatContainers } from './network-schemas.js';

/**
 * Endpoints of a network, by container id. To Docker a container is on a network once, so the first of several interfaces counts.
 *
 * source: moby daemon/network.go@v28 (buildContainerAttachments, buildEndpointResource)
 */
export function writeContainers(attachments: readonly Attachment[]): CompatContainers {
  const containers = Object.create(null) as CompatContainers;
  for (const attachment of attachments.toSorted((a, b) => (a.ifName < b.ifName ? -1 : 1))) {
    const { containerId, containerName, macAddress, addresses } = attachment;
    containers[containerId] ??= {
      // Docker's clients show it, and have nothing for a container without one.
      Name: containerName ?? containerId,
      EndpointID: endpointId(attachment),
      MacAddress: macAddress ?? '',
      IPv4Address: firstOf(addresses, 4),
      IPv6Address: firstOf(addresses, 6),
    };
  }
  return containers;
}

/** The address with its prefix length; empty for none. */
function firstOf(addresses: readonly AttachedAddress[], family: 4 | 6): string {
  const found = addresses.find(({ address }) => address.family === family);
  return found === undefined ? '' : `${formatAddress(found.address)}/${found.prefixBits}`;
}
