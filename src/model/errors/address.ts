import { entry } from './entry.js';

const otherGateway = (d: { subnet: string }) => `choose another address of ${d.subnet}, or name no gateway`;
const otherReserved = (d: { host: string; subnet: string }) =>
  `give ${d.host} another address of ${d.subnet}, or leave it out`;

/** Addresses of a subnet: the gateway, those that host-local leases, those that are kept from it. */
export const addressErrors = {
  gatewayOutside: entry({
    kind: 'invalid',
    message: (d: { gateway: string; subnet: string }) => `gateway ${d.gateway} not in subnet ${d.subnet}`,
    remedy: otherGateway,
  }),
  gatewayUnusable: entry({
    kind: 'invalid',
    message: (d: { gateway: string; subnet: string; role: 'network' | 'broadcast' }) =>
      `gateway ${d.gateway} is the ${d.role} address of subnet ${d.subnet}`,
    remedy: otherGateway,
  }),
  rangeOutside: entry({
    kind: 'invalid',
    message: (d: { range: string; subnet: string }) =>
      `the ip range ${d.range} does not fall within the subnet range ${d.subnet}`,
    remedy: (d) => `choose a part of ${d.subnet}, or leave the range out`,
  }),
  leaseStartOutside: entry({
    kind: 'invalid',
    message: (d: { address: string; subnet: string }) => `lease range start ip ${d.address} not in subnet ${d.subnet}`,
    remedy: (d) => `choose an address of ${d.subnet}, or leave the start out`,
  }),
  leaseEndOutside: entry({
    kind: 'invalid',
    message: (d: { address: string; subnet: string }) => `lease range end ip ${d.address} not in subnet ${d.subnet}`,
    remedy: (d) => `choose an address of ${d.subnet}, or leave the end out`,
  }),
  leaseReversed: entry({
    kind: 'invalid',
    message: (d: { start: string; end: string }) => `lease range start ip ${d.start} is after its end ip ${d.end}`,
    remedy: 'give the lower address as the start',
  }),
  leaseRangeEmpty: entry({
    kind: 'invalid',
    message: (d: { start: string; end: string; subnet: string }) =>
      `lease range ${d.start} to ${d.end} of subnet ${d.subnet} has no address besides the gateway: a container needs one`,
    remedy: 'widen the range, or choose another gateway',
  }),
  reservedOutside: entry({
    kind: 'invalid',
    message: (d: { host: string; address: string; subnet: string }) =>
      `auxiliary address ${d.address} of ${d.host} not in subnet ${d.subnet}`,
    remedy: otherReserved,
  }),
  reservedUnusable: entry({
    kind: 'invalid',
    message: (d: { host: string; address: string; subnet: string; role: 'gateway' | 'network' | 'broadcast' }) =>
      `auxiliary address ${d.address} of ${d.host} is the ${d.role} address of subnet ${d.subnet}`,
    remedy: otherReserved,
  }),
  reservedTwice: entry({
    kind: 'invalid',
    message: (d: { host: string; address: string; other: string }) =>
      `auxiliary address ${d.address} of ${d.host} is also that of ${d.other}`,
    remedy: (d) => `give ${d.host} an address of its own, or leave it out`,
  }),
  reservedAll: entry({
    kind: 'invalid',
    message: (d: { subnet: string }) =>
      `auxiliary addresses and the gateway leave no address of subnet ${d.subnet} to lease`,
    remedy: 'name fewer of them, or a larger subnet',
  }),
};
