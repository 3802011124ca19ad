import { entry } from './entry.js';
import { describeFleet, listSome, remedyForFleet, type FleetExhaustion } from './fleet.js';

const otherSubnet = 'choose another one; a bridge network that names no subnet gets a free one';

const poolsKey = 'subnet_pools in the table [addresses] of podnetd.toml, and reload podnetd';

/** Pools that a message names; a host of a fleet may have hundreds of blocks. */
const namedPools = 20;

/** Prefixes: how they are written, which can be had. */
export const subnetErrors = {
  cidrInvalid: entry({
    kind: 'invalid',
    message: (d: { field: string; text: string }) => `invalid CIDR address: ${d.text}`,
    remedy: (d) => `write ${d.field} as an address and a length, such as 10.91.0.0/24 or fd00:91::/64`,
  }),
  addressInvalid: entry({
    kind: 'invalid',
    message: (d: { field: string; text: string }) => `invalid IP address: ${d.text}`,
    remedy: (d) => `write ${d.field} as an address without a length, such as 10.91.0.9 or fd00:91::9`,
  }),
  subnetMissing: entry({
    kind: 'invalid',
    message: (d: { place: string }) =>
      `subnet ip is nil: ${d.place} names no prefix: give it one, such as 10.91.0.0/24, or leave it out`,
    root: 'subnet ip is nil',
  }),
  subnetRequired: entry({
    kind: 'invalid',
    message: () => 'every ip-range or gateway must have a corresponding subnet',
  }),
  ipv6NeedsSubnet: entry({
    kind: 'invalid',
    message: () => 'ipv6 option requires an IPv6 --subnet to be provided',
  }),
  maskMissing: entry({
    kind: 'invalid',
    message: (d: { member: string; ip: string }) => {
      const given = d.ip === '' ? 'a Mask and no IP' : `the IP ${d.ip} and no Mask`;
      return `network <nil>'s ip or mask cannot be empty: ${d.member} has ${given}: give both, or neither`;
    },
    root: "network <nil>'s ip or mask cannot be empty",
  }),
  maskInvalid: entry({
    kind: 'invalid',
    message: (d: { network: string }) => `network ${d.network}'s mask is invalid`,
    remedy: 'send one bit or more that is set, then bits that are not: "////AA==" is 255.255.255.0',
  }),
  maskNotBase64: entry({
    kind: 'invalid',
    message: (d: { mask: string; at: number }) => `illegal base64 data at input byte ${d.at}: "${d.mask}"`,
    remedy: 'send the bytes of the mask in base64: "////AA==" is 255.255.255.0',
  }),
  subnetZero: entry({
    kind: 'invalid',
    message: (d: { subnet: string }) => `network ${d.subnet}'s mask is invalid`,
    remedy: 'choose a smaller prefix, such as 10.91.0.0/24',
  }),
  sizeWithAddress: entry({
    kind: 'invalid',
    message: (d: { subnet: string; member: string; address: string }) =>
      `subnet ${d.subnet} asks for any free prefix of its size, so ${d.member} ${d.address} cannot be known to lie in it: leave ${d.address} out, or name the prefix`,
  }),
  sizeBeyondPools: entry({
    kind: 'invalid',
    message: (d: { subnet: string; shortest: number; pool: string }) =>
      `subnet ${d.subnet} asks for a prefix that is larger than any subnet pool: the largest, ${d.pool}, has prefixes of ${d.shortest} bits or more`,
    remedy: `ask for a longer prefix, name the subnet, or add a larger pool to ${poolsKey}`,
  }),
  subnetTooSmall: entry({
    kind: 'invalid',
    message: (d: { subnet: string; longest: number }) =>
      `subnet ${d.subnet} is too small: host-local can lease no address of it to a container, a prefix of at most ${d.longest} bits is needed`,
  }),
  subnetMulticast: entry({
    kind: 'invalid',
    message: (d: { subnet: string }) => `subnet ${d.subnet} is a multicast range`,
    remedy: 'choose a private prefix, such as 10.91.0.0/24 or fd00:91::/64',
  }),
  subnetUsedByNetwork: entry({
    kind: 'exists',
    message: (d: { subnet: string; other: string; network: string | undefined; file: string | undefined }) =>
      `subnet ${d.subnet} is already used on the host or by another config: it overlaps ${describeNetwork(d)}`,
    remedy: otherSubnet,
  }),
  subnetUsedByInterface: entry({
    kind: 'exists',
    message: (d: { subnet: string; other: string; link: string | undefined }) =>
      `subnet ${d.subnet} is already used on the host or by another config: it overlaps ${describeHolder(d.other, 'network interface', d.link ?? '')}`,
    remedy: otherSubnet,
  }),
  /** The same for a client that may not know who has the prefix. */
  subnetUnavailable: entry({
    kind: 'exists',
    message: (d: { subnet: string }) => `subnet ${d.subnet} is not available on this host`,
    remedy: otherSubnet,
  }),
  subnetReserved: entry({
    kind: 'forbidden',
    message: (d: { subnet: string; other: string; reason: string }) =>
      `subnet ${d.subnet} overlaps ${d.other}, which is reserved: ${d.reason}`,
    remedy: `${otherSubnet}; with the option podnetd.allow_reserved=true podnetd takes a reserved one`,
  }),
  subnetsOverlap: entry({
    kind: 'invalid',
    message: (d: { subnet: string; other: string }) => `subnet ${d.subnet} overlaps ${d.other} of the same request`,
    remedy: 'leave one of them out',
  }),
  subnetsExhausted: entry({
    kind: 'exhausted',
    /** @param d `fleet` is undefined where the pools are this host's alone */
    message: (d: {
      family: 4 | 6;
      pools: readonly { base: string; prefixBits: number; blocks: bigint }[];
      users: readonly string[];
      fleet?: FleetExhaustion | undefined;
    }) => {
      const pools = d.pools.map((pool) => `${pool.base} (${pool.blocks} of size /${pool.prefixBits})`);
      const state =
        pools.length === 0 ? `there is none for IPv${d.family}` : `all in use in ${listSome(pools, namedPools)}`;
      return (
        `could not find free subnet from subnet pools: ${state}${listUsers(d.users)}` +
        (d.fleet === undefined ? '' : describeFleet(d.fleet))
      );
    },
    remedy: (d) =>
      d.fleet === undefined
        ? `name a subnet in the request, prune networks, or add a pool of IPv${d.family} to ${poolsKey}`
        : remedyForFleet(d.fleet),
  }),
  ulaExhausted: entry({
    kind: 'exhausted',
    message: (d: { users: readonly string[] }) => `failed to get random ipv6 subnet${listUsers(d.users)}`,
    remedy: `name an IPv6 subnet in the request, or add a pool of IPv6 to ${poolsKey}`,
    root: 'failed to get random ipv6 subnet',
  }),
};

function listUsers(users: readonly string[]): string {
  return users.length === 0 ? '' : `; by blocks, most is taken by ${users.join(', ')}`;
}

/** A prefix with its network, or with its file where the file has no network's name. */
export function describeNetwork(d: { other: string; network: string | undefined; file: string | undefined }): string {
  return d.network === undefined
    ? describeHolder(d.other, 'file', d.file)
    : describeHolder(d.other, 'network', d.network);
}

/**
 * A prefix and who has it, such as `10.91.0.0/16 of network web`.
 *
 * @param name undefined where it is not known who, empty where only the kind is
 */
export function describeHolder(prefix: string, kind: string, name: string | undefined): string {
  if (name === undefined) return prefix;
  return name === '' ? `${prefix} of a ${kind}` : `${prefix} of ${kind} ${name}`;
}
