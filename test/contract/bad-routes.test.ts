import t from 'tap';
import { missing } from '../support/tools.js';
import { refuseAll, type Refusal } from './refusals.js';

/** Faults of DNS servers, routes and their options, in each dialect that has them. */

const skip = missing('ip');
const subnets = [{ subnet: '10.222.0.0/24' }, { subnet: 'fd00:222::/64' }];
const good = { destination: '10.99.0.0/16', gateway: '10.222.0.9' };
const argument = { cause: 'invalid argument' };
const decoding = 'failed to decode request JSON payload: ';
const icc = 'com.docker.network.bridge.enable_icc';

const v4 = (more: object, message: string, cause = message): Refusal => ({
  dialect: 'v4',
  body: { name: 'x', subnets, ...more },
  status: 400,
  message,
  cause,
});
const routed = (route: unknown, message: string, cause = message) => v4({ routes: [route] }, message, cause);
const malformed = (route: unknown, reason: string) => routed(route, decoding + reason, reason);

t.test('DNS servers', { skip }, async (t) => {
  await refuseAll(t, [
    ...['dns.example', '', '192.0.2.53/32', '192.0.2.053', 'fe80::1%eth0', ' 192.0.2.53'].map((text): Refusal => {
      const message = `unable to parse ip ${text} specified in NetworkDNSServers: invalid argument`;
      return { ...v4({ network_dns_servers: ['192.0.2.53', text] }, message), ...argument };
    }),
    v4(
      { network_dns_servers: '192.0.2.53' },
      `${decoding}json: cannot unmarshal string "192.0.2.53" into Go struct field Network.network_dns_servers of type []string`,
      'json: cannot unmarshal string "192.0.2.53" into Go struct field Network.network_dns_servers of type []string',
    ),
  ]);
});

t.test('static routes', { skip }, async (t) => {
  const missingPrefix = 'route destination ip nil: routes[0] names no prefix: give it one, such as 10.99.0.0/16';
  const of = 'of the route to 10.99.0.0/16';
  await refuseAll(t, [
    routed({}, missingPrefix, 'route destination ip nil'),
    routed({ ...good, destination: '' }, missingPrefix, 'route destination ip nil'),
    malformed({ ...good, destination: '10.99.0.0' }, 'invalid CIDR address: 10.99.0.0'),
    malformed({ ...good, gateway: '10.222.0' }, 'invalid IP address: 10.222.0'),
    routed(
      { ...good, destination: '10.99.0.1/16' },
      'route destination invalid: 10.99.0.1/16 has host bits that are set: write 10.99.0.0/16',
      'route destination invalid',
    ),
    routed(
      { destination: '10.99.0.0/16' },
      'route gateway nil: the route to 10.99.0.0/16 names none: give it an address of a subnet of the network',
      'route gateway nil',
    ),
    routed(
      { ...good, gateway: '10.223.0.9' },
      `gateway 10.223.0.9 ${of} is in no subnet of the network, which has 10.222.0.0/24, fd00:222::/64`,
    ),
    routed(
      { ...good, gateway: 'fd00:222::9' },
      `gateway fd00:222::9 ${of} is of the other address family: give one of the same family`,
    ),
    routed(
      { ...good, gateway: '10.222.0.0' },
      `gateway 10.222.0.0 ${of} is the network address of 10.222.0.0/24: give an address that a host can have`,
    ),
    v4(
      { routes: [good, { ...good, gateway: '10.222.0.8', metric: 0 }] },
      'there are two routes to 10.99.0.0/16 with no metric: leave one out, or give it another metric',
    ),
    routed(
      { ...good, destination: '10.222.0.0/24' },
      'route to 10.222.0.0/24: containers have this route already, because it is a subnet of the network: leave it out',
    ),
    routed(
      { ...good, destination: '0.0.0.0/0' },
      'route to 0.0.0.0/0 by 10.222.0.9: containers have a default route to the gateway of the network already',
    ),
    ...['blackhole', 'unreachable', 'prohibit'].map((type) =>
      routed(
        { destination: '10.99.0.0/16', route_type: type },
        `route type ${type} ${of} cannot be configured for backend CNI: its plugins make unicast routes only`,
      ),
    ),
    routed(
      { ...good, route_type: 'Unicast' },
      `unknown route type "Unicast" ${of}: there are unicast, blackhole, unreachable and prohibit`,
    ),
    ...(
      [
        [-1, 'number -1'],
        [4_294_967_296, 'number 4294967296'],
        [1.5, 'number 1.5'],
        ['7', 'string "7"'],
      ] as const
    ).map(([metric, shown]) =>
      malformed(
        { ...good, metric },
        `json: cannot unmarshal ${shown} into Go struct field Network.routes.0.metric of type uint32`,
      ),
    ),
  ]);
});

t.test('options', { skip }, async (t) => {
  const parse = (value: string, reason: string) =>
    `strconv.ParseUint: parsing "${value}": ${reason}: metric must be a whole number from 0 to 4294967295`;
  const boolean = (option: string) =>
    `failed to parse ${option} value: maybe (strconv.ParseBool: parsing "maybe": invalid syntax)`;
  const syntax = 'invalid syntax';
  await refuseAll(t, [
    ...['', 'x', '-1', '+1', '1.5', ' 1'].map((metric) => v4({ options: { metric } }, parse(metric, syntax), syntax)),
    ...['4294967296', '9'.repeat(500)].map((metric) =>
      v4({ options: { metric } }, parse(metric, 'value out of range'), 'value out of range'),
    ),
    v4({ options: { no_default_route: 'maybe' } }, boolean('no_default_route'), syntax),
    v4({ options: { [icc]: 'maybe' } }, boolean(icc), syntax),
    v4(
      { options: { [icc]: 'false', isolate: 'false' } },
      `option ${icc}=false keeps other networks away too, and isolate is false: add isolate=true`,
    ),
    ...(['metric', 'no_default_route'] as const).map((option) =>
      v4(
        { subnets: [], ipam_options: { driver: 'none' }, options: { [option]: '1' } },
        `option ${option} has an effect with ipam driver host-local only, not with none: leave it out, or give a subnet`,
      ),
    ),
    {
      dialect: 'compat',
      body: { Name: 'x', Options: { [icc]: 'maybe' } },
      status: 400,
      message: boolean(icc),
      cause: syntax,
    },
    ...['metric', 'no_default_route', icc].map((option): Refusal => ({
      dialect: 'v3',
      query: '?name=x',
      body: { Options: { [option]: '1' } },
      status: 500,
      message: `unsupported option ${option}`,
    })),
  ]);
});
