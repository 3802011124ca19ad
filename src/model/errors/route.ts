import { entry } from './entry.js';

const routeTypes = 'unicast, blackhole, unreachable and prohibit';

/** DNS servers of a network, and the static routes of its containers. */
export const routeErrors = {
  dnsServerInvalid: entry({
    kind: 'invalid',
    message: (d: { text: string }) => `unable to parse ip ${d.text} specified in NetworkDNSServers: invalid argument`,
    remedy: 'write an address without a length, such as 10.91.0.53 or fd00:91::53',
    root: 'invalid argument',
  }),
  routeDestinationMissing: entry({
    kind: 'invalid',
    message: (d: { place: string }) =>
      `route destination ip nil: ${d.place} names no prefix: give it one, such as 10.99.0.0/16`,
    root: 'route destination ip nil',
  }),
  routeHostBits: entry({
    kind: 'invalid',
    message: (d: { destination: string; prefix: string }) =>
      `route destination invalid: ${d.destination} has host bits that are set: write ${d.prefix}`,
    root: 'route destination invalid',
  }),
  routeGatewayMissing: entry({
    kind: 'invalid',
    message: (d: { destination: string }) =>
      `route gateway nil: the route to ${d.destination} names none: give it an address of a subnet of the network`,
    root: 'route gateway nil',
  }),
  routeTypeUnknown: entry({
    kind: 'invalid',
    message: (d: { destination: string; type: string }) =>
      `unknown route type "${d.type}" of the route to ${d.destination}: there are ${routeTypes}`,
  }),
  routeTypeUnsupported: entry({
    kind: 'unsupported',
    message: (d: { destination: string; type: string }) =>
      `route type ${d.type} of the route to ${d.destination} cannot be configured for backend CNI: its plugins make unicast routes only`,
    remedy: 'leave the route out',
  }),
  routeFamilies: entry({
    kind: 'invalid',
    message: (d: { destination: string; gateway: string }) =>
      `gateway ${d.gateway} of the route to ${d.destination} is of the other address family: give one of the same family`,
  }),
  routeGatewayOutside: entry({
    kind: 'invalid',
    message: (d: { destination: string; gateway: string; subnets: readonly string[] }) =>
      `gateway ${d.gateway} of the route to ${d.destination} is in no subnet of the network, which has ${d.subnets.join(', ') || 'none'}`,
    remedy: 'give an address of a subnet of the network',
  }),
  routeGatewayUnusable: entry({
    kind: 'invalid',
    message: (d: { destination: string; gateway: string; subnet: string; role: 'network' | 'broadcast' }) =>
      `gateway ${d.gateway} of the route to ${d.destination} is the ${d.role} address of ${d.subnet}: give an address that a host can have`,
  }),
  routeTwice: entry({
    kind: 'invalid',
    message: (d: { destination: string; metric: number }) =>
      `there are two routes to ${d.destination} with ${d.metric === 0 ? 'no metric' : `metric ${d.metric}`}: leave one out, or give it another metric`,
  }),
  routeToSubnet: entry({
    kind: 'invalid',
    message: (d: { destination: string }) =>
      `route to ${d.destination}: containers have this route already, because it is a subnet of the network: leave it out`,
  }),
  routeIsDefault: entry({
    kind: 'invalid',
    message: (d: { destination: string; gateway: string }) =>
      `route to ${d.destination} by ${d.gateway}: containers have a default route to the gateway of the network already`,
    remedy: 'add the option no_default_route=true, or leave the route out',
  }),
};
