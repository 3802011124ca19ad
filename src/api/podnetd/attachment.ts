import { Type, type Static } from '@sinclair/typebox';
import { formatAddress } from '../../ip/cidr.js';
import { portProtocols, type Attachment } from '../../model/attachment.js';
import { exampleContainer, exampleNetwork } from '../example-story.js';
import { writeAttachedAddress } from '../fields.js';
import { NetAddress } from '../libpod/schemas.js';

/** One interface of a container on a network. Members are named as libpod names them. */
export const AttachmentBody = Type.Object(
  {
    network: Type.String({ description: 'Name' }),
    container: Type.String({ description: 'Id' }),
    name: Type.Optional(Type.String({ description: 'Of the container, where it is known' })),
    interface: Type.String({ description: 'Inside the container' }),
    netns: Type.Optional(Type.String({ description: 'Path of the network namespace' })),
    mac_address: Type.Optional(Type.String()),
    subnets: Type.Array(NetAddress),
    aliases: Type.Array(Type.String()),
    dns_server_ips: Type.Optional(
      Type.Array(Type.String(), { description: 'For its resolv.conf, as the plugins reported them' }),
    ),
    dns_search_domains: Type.Optional(Type.Array(Type.String())),
    port_mappings: Type.Array(
      Type.Object(
        {
          host_ip: Type.Optional(Type.String({ description: 'Absent: every address of the host' })),
          host_port: Type.Integer(),
          container_port: Type.Integer(),
          protocol: Type.String({ description: portProtocols.join(', ') }),
        },
        { title: 'MappedPort' },
      ),
      { description: 'Ports of the host that lead to it, one by one' },
    ),
  },
  { title: 'Attachment' },
);
type AttachmentBody = Static<typeof AttachmentBody>;

export const exampleAttachment: AttachmentBody = {
  network: exampleNetwork.name,
  container: exampleContainer.id,
  name: exampleContainer.name,
  interface: exampleContainer.interface,
  netns: exampleContainer.netns,
  mac_address: exampleContainer.macAddress,
  subnets: [{ ipnet: exampleContainer.ipnet, gateway: exampleNetwork.gateway }],
  aliases: [exampleContainer.alias],
  dns_server_ips: [exampleNetwork.gateway],
  dns_search_domains: ['dns.podman'],
  port_mappings: [{ host_port: 8080, container_port: 80, protocol: 'tcp' }],
};

export function writeAttachment(attachment: Attachment): AttachmentBody {
  const { networkName, containerId, containerName, ifName, netns, macAddress, resolver } = attachment;
  return {
    network: networkName,
    container: containerId,
    ...(containerName !== undefined && { name: containerName }),
    interface: ifName,
    ...(netns !== undefined && { netns }),
    ...(macAddress !== undefined && { mac_address: macAddress }),
    subnets: attachment.addresses.map(writeAttachedAddress),
    aliases: [...attachment.aliases],
    ...(resolver && { dns_server_ips: resolver.servers.map(formatAddress) }),
    ...(resolver && resolver.searchDomains.length > 0 && { dns_search_domains: [...resolver.searchDomains] }),
    port_mappings: attachment.portMappings.map(({ hostIp, hostPort, containerPort, protocol }) => ({
      ...(hostIp !== undefined && { host_ip: hostIp }),
      host_port: hostPort,
      container_port: containerPort,
      protocol,
    })),
  };
}
