import { entry } from './entry.js';

/** Who gives containers their addresses, and of which families. */
export const ipamErrors = {
  ipamDriverUnsupported: entry({
    kind: 'unsupported',
    message: (d: { driver: string }) => `unsupported ipam driver "${d.driver}"`,
    remedy: 'use host-local, dhcp or none',
  }),
  ipamOptionUnsupported: entry({
    kind: 'unsupported',
    message: (d: { option: string }) => `unsupported ipam option ${d.option}`,
    remedy: 'leave it out: driver is the only one',
  }),
  ipamDriverWithSubnets: entry({
    kind: 'invalid',
    message: (d: { driver: string }) => `${d.driver} ipam driver is set but subnets are given`,
    remedy: 'leave the subnets out, or use ipam driver host-local',
  }),
  ipamHostLocalWithoutSubnets: entry({
    kind: 'invalid',
    message: () => 'host-local ipam driver set but no subnets are given',
    remedy: 'give a subnet, or use ipam driver dhcp or none',
  }),
  ipamDhcpInternal: entry({
    kind: 'invalid',
    message: () => 'internal is not supported with macvlan and dhcp ipam driver',
    remedy: 'give a subnet and use ipam driver host-local, or leave internal out',
  }),
  ipamDhcpNeedsIpv4: entry({
    kind: 'invalid',
    message: () => 'IPv4 cannot be disabled with the dhcp ipam driver: an IPv6 subnet is needed',
  }),
  familiesDisabled: entry({
    kind: 'invalid',
    message: () => 'IPv4 or IPv6 must be enabled',
    remedy: 'set EnableIPv4 or EnableIPv6 to true',
  }),
  subnetFamilyDisabled: entry({
    kind: 'invalid',
    message: (d: { subnet: string }) => `subnet ${d.subnet} is given although IPv4 is disabled`,
    remedy: 'leave the subnet out, or set EnableIPv4 to true',
  }),
};
