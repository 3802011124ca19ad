import { entry } from './entry.js';

/** Changes of a network that is there. */
export const updateErrors = {
  networkOutdated: entry({
    kind: 'outdated',
    /** @param d `changed` has what differs by the tags; undefined where the expected one is none of podnetd's */
    message: (d: { name: string; changed: readonly string[] | undefined; expected: string; current: string }) => {
      const changed = d.changed === undefined ? 'it' : d.changed.join(', ') || 'its file';
      return `network ${d.name} is another one: ${changed} changed; its ETag is ${d.current}, If-Match asks for ${d.expected}`;
    },
    remedy: (d) => `inspect network ${d.name} again, and send the ETag of that answer`,
  }),
  updateServerInvalid: entry({
    kind: 'invalid',
    message: (d: { text: string; member: 'AddDNSServer' | 'RemoveDNSServer' }) =>
      `unable to parse ip ${d.text} specified in ${d.member}: invalid argument`,
    remedy: 'write an address without a length, such as 10.91.0.53 or fd00:91::53',
    root: 'invalid argument',
  }),
  memberFixed: entry({
    kind: 'forbidden',
    message: (d: { name: string; member: string; reason: string }) =>
      `${d.member} of network ${d.name} cannot be changed: ${d.reason}`,
    remedy: 'leave it out, or create another network',
  }),
  networkForeignChange: entry({
    kind: 'forbidden',
    message: (d: { name: string; path: string }) =>
      `network ${d.name} cannot be changed: neither podnetd nor Podman wrote ${d.path}; change it with the program that did`,
  }),
  placeUnclear: entry({
    kind: 'unsupported',
    message: (d: { name: string; path: string; place: string }) =>
      `network ${d.name} cannot be changed so: ${d.place} of ${d.path} has another form than podnetd or Podman writes; edit the file, or create the network anew`,
  }),
  gatewayFixed: entry({
    kind: 'forbidden',
    message: (d: { name: string; subnet: string; gateway: string; wanted: string }) =>
      `gateway of ${d.subnet} of network ${d.name} cannot be changed from ${d.gateway} to ${d.wanted}: the bridge and its containers have it`,
    remedy: 'leave gateway out, or take the subnet away and add it again while no container is on the network',
  }),
  subnetsAllRemoved: entry({
    kind: 'invalid',
    message: (d: { name: string }) => `network ${d.name} would have no subnet: leave it one, or remove the network`,
  }),
  ipv6SubnetLeft: entry({
    kind: 'invalid',
    message: (d: { subnet: string }) => `ipv6_enabled is false, and subnets has ${d.subnet}`,
    remedy: 'leave ipv6_enabled out, and send subnets without those of IPv6',
  }),
  secondIpv4: entry({
    kind: 'unsupported',
    message: (d: { name: string; subnet: string; other: string }) =>
      `subnet ${d.subnet} of network ${d.name} cannot be added beside ${d.other}: the bridge plugin gives a bridge one address of IPv4, and fails for a second one`,
    remedy: (d) =>
      `add a subnet of IPv6, name ${d.subnet} in place of ${d.other} while no container is on the network, or create another network`,
  }),
  subnetInUse: entry({
    kind: 'inUse',
    message: (d: { name: string; subnet: string; users: readonly string[] }) =>
      `subnet ${d.subnet} of network ${d.name} cannot be taken away or made smaller while containers are on the network: ${d.users.join(', ')}`,
    remedy: (d) => `POST /podnetd/v1/networks/${d.name}/disconnect takes a container off`,
  }),
  leaseExcluded: entry({
    kind: 'inUse',
    message: (d: { name: string; subnet: string; address: string; user: string }) =>
      `lease range of ${d.subnet} of network ${d.name} would exclude ${d.address}, which ${d.user} has`,
    remedy: (d) =>
      `choose a range with ${d.address}, or take ${d.user} off with POST /podnetd/v1/networks/${d.name}/disconnect`,
  }),
  dockerOptionEffective: entry({
    kind: 'unsupported',
    message: (d: { option: string; member: string }) =>
      `docker_options has options that podnetd only keeps, and ${d.option} is none of them: it is the member ${d.member}`,
  }),
  dnsUnavailable: entry({
    kind: 'unsupported',
    message: (d: { name: string; reason: string }) => `DNS of network ${d.name} cannot be enabled: ${d.reason}`,
    remedy: 'leave dns_enabled out; network_dns_servers names servers that containers ask themselves',
  }),
};
