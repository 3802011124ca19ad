/**
 * The errors of the product: kinds, codes and their texts. A kind is what a status is chosen by; a code lets a dialect put its own words.
 * Texts are Podman's where it has one (clients search for them): source containers/common libnetwork@v0.50.1.
 */

import { shortenDetails } from '../shorten.js';

export type ErrorKind =
  | 'invalid'
  | 'notFound'
  | 'ambiguous'
  | 'exists'
  | 'inUse'
  | 'exhausted'
  | 'forbidden'
  | 'unsupported'
  | 'storage'
  | 'busy'
  | 'plugin';

type NoDetails = Readonly<Record<string, never>>;

/** Whose a network namespace is that is no container's. */
const netnsOwners = {
  podnetd: "podnetd's own",
  host: "the host's own (that of process 1)",
  user: "the one that has this user's networks",
  otherUser: "the one that has the networks of another user's podnetd",
} as const;

/** What each code is told about itself; values are the caller's own text wherever there is one. */
export interface ErrorDetails {
  bodyInvalid: { reason: string };
  bodyMissing: NoDetails;
  bodyInPieces: { limit: number };
  memberUnknown: { member: string; known: readonly string[] };
  /** `place` is the member that has too many, in the caller's own words. */
  tooMany: { place: string; count: number; limit: number };
  bodyTooFull: { place: string; count: number; values: number; limit: number };
  repeatsTooMany: { values: number; limit: number };
  nameInvalid: { name: string };
  nameTooLong: { name: string; bytes: number; limitBytes: number };
  nameReserved: { name: string };
  nameUsed: { name: string };
  networkNotFound: { nameOrId: string };
  networkAmbiguous: { nameOrId: string };
  networkUnknown: { nameOrId: string };
  inspectAmbiguous: { nameOrId: string };
  idGiven: { id: string };
  driverUnsupported: { driver: string };
  optionUnsupported: { option: string; driver: string };
  optionMisplaced: { option: string; driver: string };
  numberInvalid: { option: string; value: string; reason: 'invalid syntax' | 'value out of range' };
  mtuNegative: { mtu: number };
  mtuTooLarge: { mtu: number; limit: number };
  vlanOutOfRange: { vlan: number };
  isolateInvalid: { value: string };
  modeUnknown: { driver: string; mode: string; known: readonly string[] };
  parentMissing: { parent: string };
  bridgeNameUsed: { bridge: string };
  bridgeNameInvalid: { bridge: string };
  bridgeNameTooLong: { bridge: string; limitBytes: number };
  bridgeNameTaken: { bridge: string; linkKind: string };
  bridgeNamesExhausted: { prefix: string };
  ipamDriverUnsupported: { driver: string };
  ipamOptionUnsupported: { option: string };
  ipamDriverWithSubnets: { driver: string };
  ipamHostLocalWithoutSubnets: NoDetails;
  ipamDhcpInternal: NoDetails;
  familiesDisabled: NoDetails;
  subnetFamilyDisabled: { subnet: string };
  ipamDhcpNeedsIpv4: NoDetails;
  booleanInvalid: { option: string; value: string };
  reservedOutside: { host: string; address: string; subnet: string };
  reservedUnusable: { host: string; address: string; subnet: string; role: 'gateway' | 'network' | 'broadcast' };
  reservedTwice: { host: string; address: string; other: string };
  reservedAll: { subnet: string };
  subnetMissing: { place: string };
  cidrInvalid: { field: string; text: string };
  addressInvalid: { field: string; text: string };
  subnetZero: { subnet: string };
  subnetUnspecified: { subnet: string };
  subnetTooSmall: { subnet: string; longest: number };
  subnetMulticast: { subnet: string };
  subnetUsedByNetwork: { subnet: string; other: string; network: string | undefined };
  subnetUsedByInterface: { subnet: string; other: string; link: string | undefined };
  subnetsOverlap: { subnet: string; other: string };
  subnetsExhausted: { pools: readonly { base: string; prefixBits: number; blocks: bigint }[] };
  ulaExhausted: NoDetails;
  gatewayOutside: { gateway: string; subnet: string };
  gatewayUnusable: { gateway: string; subnet: string; role: 'network' | 'broadcast' };
  rangeOutside: { range: string; subnet: string };
  maskMissing: { member: string; ip: string };
  maskInvalid: { network: string };
  maskNotBase64: { mask: string; at: number };
  leaseStartOutside: { address: string; subnet: string };
  leaseEndOutside: { address: string; subnet: string };
  leaseReversed: { start: string; end: string };
  leaseRangeEmpty: { start: string; end: string; subnet: string };
  ipv6NeedsSubnet: NoDetails;
  subnetRequired: NoDetails;
  networkInUse: { name: string; users: readonly string[]; force: boolean };
  networkForeign: { name: string; path: string };
  defaultNetworkRemoval: { name: string };
  filtersUnreadable: { reason: string; uri: string };
  pruneFiltersUnreadable: { reason: string };
  filterUnknown: { filter: string };
  filterNotSingle: { filter: string };
  filterTooLarge: { filter: string; limit: number };
  filterValuesTooMany: { count: number; limit: number };
  filterTypeInvalid: { value: string };
  untilInvalid: { value: string };
  untilNotSingle: NoDetails;
  danglingInvalid: { value: string };
  eventTimeInvalid: { parameter: 'since' | 'until'; value: string };
  eventTimesReversed: { since: string; until: string };
  queryInvalid: { url: string; parameter: string };
  backendCannot: { feature: string };
  updateUnsupported: NoDetails;
  engineRequired: { feature: string };
  serviceAbsent: { url: string };
  imageNotFound: { image: string };
  volumeNotFound: { volume: string };
  featureUnsupported: { feature: string; value: string };
  fileExists: { path: string };
  fileOvertaken: { path: string };
  storageFailed: { path: string; operation: string; reason: string };
  laneLost: { folder: string };
  laneBusy: { waitedMs: number; lock: string; holder: string };
  laneSlow: { waitedMs: number; folder: string };
  notReady: { reasons: Readonly<Record<string, string>> };
  containerNameEmpty: NoDetails;
  /** `disbelieved` are files that say otherwise, each with why it is not believed. */
  containerNotFound: { nameOrId: string; disbelieved?: readonly string[] };
  containerAmbiguous: { nameOrId: string; containers: readonly string[] };
  containerGone: { container: string; netns: string };
  bodiesPending: { user: number | undefined; usedBytes: number; limitBytes: number };
  streamsPending: { user: number | undefined; used: number; limit: number };
  containerBusy: { container: string; network: string };
  netnsUnusable: { netns: string; reason: string };
  netnsReserved: { netns: string; owner: keyof typeof netnsOwners };
  alreadyConnected: { container: string; network: string };
  /** `disbelieved` as above. */
  notConnected: { container: string; network: string; disbelieved?: readonly string[] };
  staticAddressOutside: { address: string; network: string };
  staticAddressUnusable: { address: string; subnet: string; role: 'gateway' | 'network' | 'broadcast' };
  macInvalid: { mac: string; reason: string };
  aliasInvalid: { alias: string };
  portMappingInvalid: { mapping: string; reason: string };
  portMappingImpossible: { network: string };
  hostPortUsed: { port: string; container: string };
  interfaceNameInvalid: { interfaceName: string; reason: string };
  interfaceNameUsed: { interfaceName: string; container: string };
  /** `failure` is why it was to be undone; undefined for what an earlier request began. */
  attachmentStuck: { container: string; network: string; failure: string | undefined; leftovers: readonly string[] };
  pluginNameInvalid: { plugin: string };
  pluginNotFound: { plugin: string; folders: readonly string[] };
  pluginNotStarted: PluginStep & { path: string; reason: string };
  pluginFailed: PluginStep & { code: number; msg: string; details: string };
  pluginVersion: PluginStep & { code: number; msg: string; details: string };
  pluginGarbage: PluginStep & { output: string; reason: string };
  pluginSilent: PluginStep & { exit: string; stderr: string };
  pluginHung: PluginStep & { timeoutMs: number };
  pluginFlooded: PluginStep & { limitBytes: number };
  rootlessUnready: { need: string; reason: string; remedy: string };
  namespaceFailed: { step: string; reason: string };
  portForwardFailed: { forward: string; reason: string };
}

/** Which plugin was asked for what. */
export interface PluginStep {
  readonly plugin: string;
  readonly command: 'ADD' | 'DEL';
}

export type ErrorCode = keyof ErrorDetails;

interface Entry<C extends ErrorCode> {
  kind: ErrorKind;
  message(details: ErrorDetails[C]): string;
  /** The innermost cause as Podman reports it, when it is not the whole message. */
  root?: string | ((details: ErrorDetails[C]) => string);
}

const shareRule = 'a user gets no more than it leaves to the others';

/** A user of the socket, by number; undefined where numbers are not known and all count as one. */
function describeUser(uid: number | undefined): string {
  return uid === undefined ? 'an unknown user' : `user ${uid}`;
}

/** Go's word for it, and the remedy. */
export const missingBody = 'EOF: the request has no body: send a JSON object, {} for one without members';

const nameRule = 'names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument';

const catalogue: { readonly [C in ErrorCode]: Entry<C> } = {
  bodyInvalid: { kind: 'invalid', message: (d) => d.reason },
  bodyMissing: { kind: 'invalid', message: () => missingBody, root: 'EOF' },
  bodyInPieces: {
    kind: 'invalid',
    message: (d) => `request body comes in more than ${d.limit} pieces: send larger ones`,
  },
  memberUnknown: {
    kind: 'invalid',
    message: (d) => `unknown member ${JSON.stringify(d.member)}: known are ${d.known.join(', ')}`,
  },
  tooMany: {
    kind: 'invalid',
    message: (d) => `${d.place} has ${d.count} entries, at most ${d.limit} are allowed: leave some out`,
  },
  bodyTooFull: {
    kind: 'invalid',
    message: (d) =>
      `${d.place || 'the body'} has ${d.count} entries, and the body ${d.values} values in all: at most ${d.limit} are allowed: leave some out`,
  },
  repeatsTooMany: {
    kind: 'invalid',
    message: (d) =>
      `the body has the same key more than once and ${d.values} values, at most ${d.limit} are allowed then: give each key once`,
  },
  nameInvalid: {
    kind: 'invalid',
    message: (d) => `network name ${d.name} invalid: ${nameRule}`,
    root: 'invalid argument',
  },
  nameTooLong: {
    kind: 'invalid',
    message: (d) => `network name ${d.name} invalid: it has ${d.bytes} bytes, at most ${d.limitBytes} are allowed`,
  },
  nameReserved: {
    kind: 'forbidden',
    message: (d) => `cannot create network with name "${d.name}" because it conflicts with a valid network mode`,
  },
  nameUsed: {
    kind: 'exists',
    message: (d) => `network name ${d.name} already used: network already exists`,
    root: 'network already exists',
  },
  networkNotFound: {
    kind: 'notFound',
    message: (d) => `unable to find network with name or ID ${d.nameOrId}: network not found`,
    root: 'network not found',
  },
  networkAmbiguous: { kind: 'ambiguous', message: (d) => `more than one result for network ID ${d.nameOrId}` },
  // Podman words the same failures otherwise when it inspects.
  networkUnknown: { kind: 'notFound', message: () => 'network not found' },
  inspectAmbiguous: {
    kind: 'ambiguous',
    message: (d) => `inspecting network ${d.nameOrId}: more than one result for network ID ${d.nameOrId}`,
    root: (d) => `more than one result for network ID ${d.nameOrId}`,
  },
  idGiven: {
    kind: 'invalid',
    message: (d) => `ID can not be set for network create: invalid argument: got "${d.id}"`,
    root: 'invalid argument',
  },
  driverUnsupported: {
    kind: 'unsupported',
    message: (d) => `unsupported driver ${d.driver}: invalid argument`,
    root: 'invalid argument',
  },
  optionUnsupported: { kind: 'unsupported', message: (d) => `unsupported network option ${d.option}` },
  optionMisplaced: {
    kind: 'invalid',
    message: (d) =>
      d.option === 'isolate'
        ? 'isolate option is only supported with the bridge driver'
        : `cannot set option "${d.option}" with driver "${d.driver}"`,
  },
  numberInvalid: {
    kind: 'invalid',
    message: (d) => `strconv.Atoi: parsing "${d.value}": ${d.reason}: ${d.option} must be a whole number`,
    root: 'invalid syntax',
  },
  mtuNegative: { kind: 'invalid', message: (d) => `mtu ${d.mtu} is less than zero` },
  mtuTooLarge: {
    kind: 'invalid',
    message: (d) =>
      `mtu ${d.mtu} is greater than ${d.limit}, which no packet exceeds: choose a smaller one, or 0 for the default`,
  },
  vlanOutOfRange: { kind: 'invalid', message: (d) => `vlan ID ${d.vlan} must be between 0 and 4094` },
  isolateInvalid: {
    kind: 'invalid',
    message: (d) => `failed to parse isolate option: strconv.ParseBool: parsing "${d.value}": invalid syntax`,
    root: 'invalid syntax',
  },
  modeUnknown: {
    kind: 'invalid',
    message: (d) => `unknown ${d.driver} mode "${d.mode}": must be one of ${d.known.join(', ')}`,
  },
  parentMissing: { kind: 'invalid', message: (d) => `parent interface ${d.parent} does not exist` },
  bridgeNameUsed: { kind: 'exists', message: (d) => `bridge name ${d.bridge} already in use` },
  bridgeNameInvalid: {
    kind: 'invalid',
    message: (d) => `bridge name ${d.bridge} invalid: ${nameRule}`,
    root: 'invalid argument',
  },
  bridgeNameTooLong: {
    kind: 'invalid',
    message: (d) => `bridge name ${d.bridge} invalid: an interface name has at most ${d.limitBytes} bytes`,
  },
  bridgeNameTaken: {
    kind: 'exists',
    message: (d) => `bridge name ${d.bridge} already in use by a network interface of type ${d.linkKind}`,
  },
  bridgeNamesExhausted: { kind: 'exhausted', message: (d) => `could not find free device name ${d.prefix}N` },
  ipamDriverUnsupported: { kind: 'unsupported', message: (d) => `unsupported ipam driver "${d.driver}"` },
  ipamOptionUnsupported: { kind: 'unsupported', message: (d) => `unsupported ipam option ${d.option}` },
  ipamDriverWithSubnets: { kind: 'invalid', message: (d) => `${d.driver} ipam driver is set but subnets are given` },
  ipamHostLocalWithoutSubnets: {
    kind: 'invalid',
    message: () => 'host-local ipam driver set but no subnets are given',
  },
  ipamDhcpInternal: {
    kind: 'invalid',
    message: () => 'internal is not supported with macvlan and dhcp ipam driver',
  },
  familiesDisabled: { kind: 'invalid', message: () => 'IPv4 or IPv6 must be enabled' },
  subnetFamilyDisabled: {
    kind: 'invalid',
    message: (d) => `subnet ${d.subnet} is given although IPv4 is disabled`,
  },
  ipamDhcpNeedsIpv4: {
    kind: 'invalid',
    message: () => 'IPv4 cannot be disabled with the dhcp ipam driver: an IPv6 subnet is needed',
  },
  booleanInvalid: {
    kind: 'invalid',
    message: (d) =>
      `failed to parse ${d.option} value: ${d.value} (strconv.ParseBool: parsing "${d.value}": invalid syntax)`,
    root: 'invalid syntax',
  },
  reservedOutside: {
    kind: 'invalid',
    message: (d) => `auxiliary address ${d.address} of ${d.host} not in subnet ${d.subnet}`,
  },
  reservedUnusable: {
    kind: 'invalid',
    message: (d) => `auxiliary address ${d.address} of ${d.host} is the ${d.role} address of subnet ${d.subnet}`,
  },
  reservedTwice: {
    kind: 'invalid',
    message: (d) => `auxiliary address ${d.address} of ${d.host} is also that of ${d.other}`,
  },
  reservedAll: {
    kind: 'invalid',
    message: (d) => `auxiliary addresses and the gateway leave no address of subnet ${d.subnet} to lease`,
  },
  subnetMissing: {
    kind: 'invalid',
    message: (d) => `subnet ip is nil: ${d.place} names no prefix: give it one, such as 10.91.0.0/24, or leave it out`,
    root: 'subnet ip is nil',
  },
  cidrInvalid: { kind: 'invalid', message: (d) => `invalid CIDR address: ${d.text}` },
  addressInvalid: { kind: 'invalid', message: (d) => `invalid IP address: ${d.text}` },
  subnetZero: { kind: 'invalid', message: (d) => `network ${d.subnet}'s mask is invalid` },
  subnetUnspecified: {
    kind: 'unsupported',
    message: (d) =>
      `subnet ${d.subnet} is no prefix of its own, and one of that size cannot be chosen: name the prefix, or leave the subnet out`,
  },
  subnetTooSmall: {
    kind: 'invalid',
    message: (d) =>
      `subnet ${d.subnet} is too small: host-local can lease no address of it to a container, a prefix of at most ${d.longest} bits is needed`,
  },
  subnetMulticast: { kind: 'invalid', message: (d) => `subnet ${d.subnet} is a multicast range` },
  subnetUsedByNetwork: {
    kind: 'exists',
    message: (d) =>
      `subnet ${d.subnet} is already used on the host or by another config: it overlaps ${describeHolder(d.other, 'network', d.network)}`,
  },
  subnetUsedByInterface: {
    kind: 'exists',
    message: (d) =>
      `subnet ${d.subnet} is already used on the host or by another config: it overlaps ${describeHolder(d.other, 'network interface', d.link ?? '')}`,
  },
  subnetsOverlap: { kind: 'invalid', message: (d) => `subnet ${d.subnet} overlaps ${d.other} of the same request` },
  subnetsExhausted: {
    kind: 'exhausted',
    message: (d) => {
      const pools = d.pools.map((pool) => `${pool.base} (${pool.blocks} of size /${pool.prefixBits})`);
      return `could not find free subnet from subnet pools: all in use in ${pools.join(', ')}`;
    },
  },
  ulaExhausted: { kind: 'exhausted', message: () => 'failed to get random ipv6 subnet' },
  gatewayOutside: { kind: 'invalid', message: (d) => `gateway ${d.gateway} not in subnet ${d.subnet}` },
  gatewayUnusable: {
    kind: 'invalid',
    message: (d) => `gateway ${d.gateway} is the ${d.role} address of subnet ${d.subnet}`,
  },
  rangeOutside: {
    kind: 'invalid',
    message: (d) => `the ip range ${d.range} does not fall within the subnet range ${d.subnet}`,
  },
  maskMissing: {
    kind: 'invalid',
    message: (d) => {
      const given = d.ip === '' ? 'a Mask and no IP' : `the IP ${d.ip} and no Mask`;
      return `network <nil>'s ip or mask cannot be empty: ${d.member} has ${given}: give both, or neither`;
    },
    root: "network <nil>'s ip or mask cannot be empty",
  },
  maskInvalid: { kind: 'invalid', message: (d) => `network ${d.network}'s mask is invalid` },
  maskNotBase64: { kind: 'invalid', message: (d) => `illegal base64 data at input byte ${d.at}: "${d.mask}"` },
  leaseStartOutside: {
    kind: 'invalid',
    message: (d) => `lease range start ip ${d.address} not in subnet ${d.subnet}`,
  },
  leaseEndOutside: { kind: 'invalid', message: (d) => `lease range end ip ${d.address} not in subnet ${d.subnet}` },
  leaseReversed: { kind: 'invalid', message: (d) => `lease range start ip ${d.start} is after its end ip ${d.end}` },
  leaseRangeEmpty: {
    kind: 'invalid',
    message: (d) =>
      `lease range ${d.start} to ${d.end} of subnet ${d.subnet} has no address besides the gateway: a container needs one`,
  },
  ipv6NeedsSubnet: { kind: 'invalid', message: () => 'ipv6 option requires an IPv6 --subnet to be provided' },
  subnetRequired: {
    kind: 'invalid',
    message: () => 'every ip-range or gateway must have a corresponding subnet',
  },
  networkInUse: {
    kind: 'inUse',
    message: (d) => {
      const users = d.users.join(', ');
      const remedy = d.force
        ? `podnetd runs no containers and cannot force them off: ${users}`
        : `Disconnect or remove them first: ${users}`;
      return `"${d.name}" has associated containers with it. ${remedy}: network is being used`;
    },
    root: 'network is being used',
  },
  networkForeign: {
    kind: 'forbidden',
    message: (d) =>
      `network ${d.name} cannot be removed: neither podnetd nor Podman wrote ${d.path}; remove it with the program that did`,
  },
  defaultNetworkRemoval: {
    kind: 'forbidden',
    message: (d) => `default network ${d.name} cannot be removed`,
  },
  filtersUnreadable: {
    kind: 'invalid',
    message: (d) => `failed to parse parameters for ${d.uri}: ${d.reason}`,
  },
  pruneFiltersUnreadable: { kind: 'invalid', message: (d) => d.reason },
  filterUnknown: { kind: 'invalid', message: (d) => `invalid filter "${d.filter}"` },
  filterNotSingle: { kind: 'invalid', message: (d) => `got more than one value for filter key "${d.filter}"` },
  filterTooLarge: {
    kind: 'invalid',
    message: (d) => `filter "${d.filter}": the regular expressions need more than ${d.limit} instructions`,
  },
  filterValuesTooMany: {
    kind: 'invalid',
    message: (d) => `the filters have ${d.count} values, at most ${d.limit} are allowed: ask in several requests`,
  },
  filterTypeInvalid: {
    kind: 'invalid',
    message: (d) => `invalid filter: 'type'='${d.value}' is neither "custom" nor "builtin"`,
  },
  untilInvalid: { kind: 'invalid', message: (d) => `failed to parse value as time or duration: "${d.value}"` },
  untilNotSingle: { kind: 'invalid', message: () => 'specify exactly one timestamp for until' },
  danglingInvalid: { kind: 'invalid', message: (d) => `invalid dangling filter value "${d.value}"` },
  eventTimeInvalid: {
    kind: 'invalid',
    message: (d) => `unable to convert ${d.parameter} time of ${d.value}: unable to interpret time value`,
  },
  eventTimesReversed: {
    kind: 'invalid',
    message: (d) => `since time (${d.since}) cannot be after until time (${d.until})`,
  },
  queryInvalid: {
    kind: 'invalid',
    message: (d) => `failed to parse parameters for ${d.url}: schema: error converting value for "${d.parameter}"`,
    root: (d) => `schema: error converting value for "${d.parameter}"`,
  },
  backendCannot: {
    kind: 'unsupported',
    message: (d) => `${d.feature} cannot be configured for backend CNI: invalid argument`,
    root: 'invalid argument',
  },
  engineRequired: {
    kind: 'unsupported',
    message: (d) => `${d.feature} needs a container engine: podnetd serves networks only`,
  },
  serviceAbsent: {
    kind: 'unsupported',
    message: (d) => `podnetd does not support service: ${d.url}: it serves networks only`,
  },
  imageNotFound: {
    kind: 'notFound',
    message: (d) => `No such image: ${d.image}: podnetd serves networks only`,
    root: 'image not known',
  },
  volumeNotFound: {
    kind: 'notFound',
    message: (d) => `no such volume: ${d.volume}: podnetd serves networks only`,
    root: 'no such volume',
  },
  updateUnsupported: {
    kind: 'unsupported',
    message: () => 'NetworkUpdate is not supported for backend CNI: invalid argument',
    root: 'invalid argument',
  },
  featureUnsupported: {
    kind: 'unsupported',
    message: (d) => `${d.feature} ${d.value} is not supported: podnetd makes networks of this host only`,
  },
  fileExists: { kind: 'exists', message: (d) => `file ${d.path} already exists` },
  fileOvertaken: {
    kind: 'busy',
    message: (d) =>
      `file ${d.path} is being changed by another program: it was another one whenever it was to be removed`,
  },
  storageFailed: { kind: 'storage', message: (d) => `${d.operation} ${d.path}: ${d.reason}` },
  laneLost: {
    kind: 'busy',
    message: (d) => `the lock on ${d.folder} was taken away before anything was written`,
  },
  notReady: {
    kind: 'busy',
    message: (d) =>
      `not ready: ${Object.entries(d.reasons)
        .map(([need, reason]) => `${need}: ${reason}`)
        .join('; ')}`,
  },
  laneBusy: {
    kind: 'busy',
    message: (d) => `the network configuration is locked: waited ${d.waitedMs} ms for ${d.lock}, held by ${d.holder}`,
  },
  laneSlow: {
    kind: 'busy',
    message: (d) =>
      `podnetd itself is still writing changes to ${d.folder}: waited ${d.waitedMs} ms, and nothing of this request stays`,
  },
  bodiesPending: {
    kind: 'busy',
    message: (d) =>
      `too many requests at once: those of ${describeUser(d.user)} hold ${d.usedBytes} of the ${d.limitBytes} bytes that all bodies may have; ` +
      `${shareRule}: send it again when others are answered`,
  },
  streamsPending: {
    kind: 'busy',
    message: (d) =>
      `too many event streams: ${describeUser(d.user)} has ${d.used} of the ${d.limit} that there may be; ` +
      `${shareRule}: end one first`,
  },
  containerNameEmpty: { kind: 'invalid', message: () => 'name or ID cannot be empty' },
  containerNotFound: {
    kind: 'notFound',
    message: (d) => `no container with name or ID "${d.nameOrId}" found${besides(d)}: no such container`,
    root: 'no such container',
  },
  containerAmbiguous: {
    kind: 'ambiguous',
    message: (d) => `more than one result for container name or ID ${d.nameOrId}: ${d.containers.join(', ')}`,
  },
  containerGone: {
    kind: 'notFound',
    message: (d) =>
      `container ${d.container} has ended: its network namespace ${d.netns} is not there: no such container`,
    root: 'no such container',
  },
  containerBusy: {
    kind: 'busy',
    message: (d) => `container ${d.container} and network ${d.network} are being worked on by another process`,
  },
  netnsUnusable: { kind: 'invalid', message: (d) => `network namespace ${d.netns} cannot be used: ${d.reason}` },
  netnsReserved: {
    kind: 'invalid',
    message: (d) =>
      `network namespace ${d.netns} is ${netnsOwners[d.owner]}, which no network is connected to: ` +
      'only a container that has a network namespace of its own can be connected; run it without --network host, or make one with "ip netns add"',
  },
  alreadyConnected: {
    kind: 'inUse',
    message: (d) =>
      `container ${d.container} is already connected to network "${d.network}": network is already connected`,
    root: 'network is already connected',
  },
  notConnected: {
    kind: 'invalid',
    message: (d) => `container ${d.container} is not connected to network ${d.network}${besides(d)}`,
  },
  staticAddressOutside: {
    kind: 'invalid',
    message: (d) => `requested static ip ${d.address} not in any subnet on network ${d.network}`,
  },
  staticAddressUnusable: {
    kind: 'invalid',
    message: (d) => `requested static ip ${d.address} is the ${d.role} address of subnet ${d.subnet}`,
  },
  macInvalid: { kind: 'invalid', message: (d) => `address ${d.mac}: invalid MAC address: ${d.reason}` },
  aliasInvalid: { kind: 'invalid', message: (d) => `alias ${JSON.stringify(d.alias)} invalid: ${nameRule}` },
  portMappingInvalid: { kind: 'invalid', message: (d) => `port mapping ${d.mapping} invalid: ${d.reason}` },
  hostPortUsed: {
    kind: 'exists',
    message: (d) => `port ${d.port} of the host is mapped to container ${d.container} already`,
  },
  portMappingImpossible: {
    kind: 'invalid',
    message: (d) => `network ${d.network} maps no ports: none of its plugins has the capability portMappings`,
  },
  interfaceNameInvalid: {
    kind: 'invalid',
    message: (d) => `interface name ${JSON.stringify(d.interfaceName)} invalid: ${d.reason}`,
  },
  interfaceNameUsed: {
    kind: 'exists',
    message: (d) => `interface ${d.interfaceName} already exists in container ${d.container}`,
  },
  attachmentStuck: {
    kind: 'plugin',
    message: (d) =>
      `${d.failure === undefined ? '' : `${d.failure}; `}what was begun cannot be undone: ${d.leftovers.join('; ')}; ` +
      `container ${d.container} keeps network ${d.network} in use until force forgets it: ` +
      `docker network disconnect --force ${d.network} ${d.container}`,
  },
  pluginNameInvalid: {
    kind: 'plugin',
    message: (d) => `plugin type ${JSON.stringify(d.plugin)} is no name of a program in the plugin folders`,
  },
  pluginNotFound: {
    kind: 'plugin',
    message: (d) => `failed to find plugin "${d.plugin}" in path [${d.folders.join(' ')}]`,
  },
  pluginNotStarted: { kind: 'plugin', message: (d) => `${failedStep(d)} could not start ${d.path}: ${d.reason}` },
  pluginFailed: { kind: 'plugin', message: describePluginError },
  pluginVersion: { kind: 'plugin', message: describePluginError },
  pluginGarbage: {
    kind: 'plugin',
    message: (d) => `${failedStep(d)} its answer ${JSON.stringify(d.output)} is not what CNI asks for: ${d.reason}`,
  },
  pluginSilent: {
    kind: 'plugin',
    message: (d) => `${failedStep(d)} netplugin failed with ${d.exit}: ${d.stderr || 'no error message'}`,
  },
  pluginHung: { kind: 'plugin', message: (d) => `${failedStep(d)} killed after ${d.timeoutMs} ms` },
  pluginFlooded: { kind: 'plugin', message: (d) => `${failedStep(d)} killed after ${d.limitBytes} bytes of output` },
  rootlessUnready: {
    kind: 'plugin',
    message: (d) => `networks of a user who is not root need ${d.need}: ${d.reason}; ${d.remedy}`,
  },
  namespaceFailed: { kind: 'plugin', message: (d) => `rootless network namespace: ${d.step}: ${d.reason}` },
  portForwardFailed: { kind: 'plugin', message: (d) => `port ${d.forward} cannot be forwarded: ${d.reason}` },
};

/**
 * A prefix and who has it, such as `10.91.0.0/16 of network web`.
 *
 * @param name undefined where it is not known who, empty where only the kind is
 */
export function describeHolder(prefix: string, kind: string, name: string | undefined): string {
  if (name === undefined) return prefix;
  return name === '' ? `${prefix} of a ${kind}` : `${prefix} of ${kind} ${name}`;
}

/** source: containernetworking/cni libcni/api.go@v1.1.2 */
function failedStep({ plugin, command }: PluginStep): string {
  return `plugin type="${plugin}" failed (${commandWords[command]}):`;
}

const commandWords = { ADD: 'add', DEL: 'delete' } as const;

/** source: containernetworking/cni pkg/types/types.go@v1.1.2 (Error) */
function describePluginError(d: ErrorDetails['pluginFailed']): string {
  const text = [d.msg, d.details].filter(Boolean).join('; ');
  return `${failedStep(d)} ${text || `error code ${d.code}`}`;
}

function besides({ disbelieved = [] }: { readonly disbelieved?: readonly string[] }): string {
  return disbelieved.length === 0 ? '' : `; not believed: ${disbelieved.join('; ')}`;
}

/** A refusal or failure of podnetd itself; anything else that is thrown is a bug. */
export class NetworkError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'NetworkError';
  readonly kind: ErrorKind;
  /** The innermost cause in Podman's words; `podman network rm` reads its exit code from it. */
  readonly root: string;

  /** With the beginnings of what is longer than a message may show. */
  readonly details: ErrorDetails[C];

  constructor(
    readonly code: C,
    given: ErrorDetails[C],
    options?: { cause?: unknown },
  ) {
    const entry: Entry<C> = catalogue[code];
    const details = shortenDetails(given);
    super(entry.message(details), options);
    this.details = details;
    this.kind = entry.kind;
    this.root = typeof entry.root === 'function' ? entry.root(details) : (entry.root ?? this.message);
  }
}

export const errorCodes = Object.keys(catalogue) as readonly ErrorCode[];
