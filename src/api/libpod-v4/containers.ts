import type { Attachment } from '../../model/attachment.js';
import { writeAttachedAddress } from '../fields.js';
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
      ...(addresses.length > 0 && { subnets: addresses.map(writeAttachedAddress) }),
      mac_address: macAddress ?? '',
    };
  }
  return containers;
}
