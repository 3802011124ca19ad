import { formatAddress } from '../../ip/cidr.js';
import type { AttachedAddress, Attachment } from '../../model/attachment.js';
import type { V4Containers } from './schemas.js';

type Interfaces = V4Containers[string]['interfaces'];

/** Who is on a network, by the id of the container. source: podman pkg/domain/entities/network.go@v5.4.2 NetworkContainerInfo */
export function writeContainers(attachments: readonly Attachment[]): V4Containers {
  const containers = Object.create(null) as V4Containers;
  for (const { containerId, containerName, ifName, macAddress, addresses } of attachments) {
    const container = (containers[containerId] ??= {
      name: containerName ?? '',
      interfaces: Object.create(null) as Interfaces,
    });
    container.interfaces[ifName] = {
      ...(addresses.length > 0 && { subnets: addresses.map(writeAddress) }),
      mac_address: macAddress ?? '',
    };
  }
  return containers;
}

function writeAddress({ address, prefixBits, gateway }: AttachedAddress): { ipnet: string; gateway?: string } {
  return {
    ipnet: `${formatAddress(address)}/${prefixBits}`,
    ...(gateway && { gateway: formatAddress(gateway) }),
  };
}
