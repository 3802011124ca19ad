import {
  compareAddresses,
  contains,
  formatAddress,
  formatCidr,
  lastAddress,
  networkAddress,
  bitsOf,
} from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';
import type { PortMapping } from '../../model/attachment.js';
import { findFaultOfInterfaceName } from '../../model/attachment-names.js';
import { hasCapability } from '../../model/capabilities.js';
import { NetworkError } from '../../model/errors/errors.js';
import { namePattern } from '../../model/names.js';
import type { Network } from '../../model/network.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';

/** How a container wants to be on a network; what is left out is chosen for it. */
export interface ConnectOptions {
  readonly staticAddresses: readonly Address[];
  /** In any spelling of six pairs of hexadecimal digits. */
  readonly macAddress: string | undefined;
  readonly aliases: readonly string[];
  readonly interfaceName: string | undefined;
  readonly portMappings: readonly PortMapping[];
}

/** With its hardware address in lower case, colons between. */
export type CheckedOptions = ConnectOptions;

/** Judges all that needs no look at network or container. @throws NetworkError invalid */
export function checkConnect(options: ConnectOptions): CheckedOptions {
  for (const alias of options.aliases) if (!namePattern.test(alias)) throw new NetworkError('aliasInvalid', { alias });
  for (const mapping of options.portMappings) checkPortMapping(mapping);
  if (options.interfaceName !== undefined) checkInterfaceName(options.interfaceName);
  const { macAddress } = options;
  return { ...options, macAddress: macAddress === undefined ? undefined : readMac(macAddress) };
}

/**
 * An address that a container may ask for. A network whose subnets are not known (others' conflists) leaves the answer to its plugins.
 *
 * @throws NetworkError invalid
 */
export function checkStaticAddress(address: Address, { name, subnets, ipamDriver }: Network): void {
  const text = formatAddress(address);
  const subnet = subnets.find(({ cidr }) => contains(cidr, address));
  if (subnet === undefined) {
    if (subnets.length === 0 && ipamDriver !== 'none') return;
    throw new NetworkError('staticAddressOutside', { address: text, network: name });
  }
  const { cidr, gateway } = subnet;
  const refuse = (role: 'gateway' | 'network' | 'broadcast') =>
    new NetworkError('staticAddressUnusable', { address: text, subnet: formatCidr(cidr), role });
  if (gateway !== undefined && compareAddresses(gateway, address) === 0) throw refuse('gateway');
  // A prefix of one or two addresses has neither.
  if (bitsOf(cidr.family) - cidr.prefixBits < 2) return;
  if (compareAddresses(networkAddress(cidr), address) === 0) throw refuse('network');
  if (cidr.family === 4 && compareAddresses(lastAddress(cidr), address) === 0) throw refuse('broadcast');
}

/** Ports reach only plugins that ask for them, so that a chain without any would leave them closed in silence. @throws NetworkError invalid */
export function checkPortsMappable(mappings: readonly PortMapping[], { network, conflist }: StoredNetwork): void {
  if (mappings.length === 0 || hasCapability(conflist, 'portMappings')) return;
  throw new NetworkError('portMappingImpossible', { network: network.name });
}

/**
 * The name asked for, or the lowest ethN that is free.
 *
 * @param present links inside the container's namespace, and names that its attachments claim
 * @throws NetworkError exists
 */
export function chooseInterface(asked: string | undefined, present: ReadonlySet<string>, container: string): string {
  if (asked !== undefined) {
    if (present.has(asked)) throw new NetworkError('interfaceNameUsed', { interfaceName: asked, container });
    return asked;
  }
  for (let number = 0; ; number += 1) if (!present.has(`eth${number}`)) return `eth${number}`;
}

function checkInterfaceName(interfaceName: string): void {
  const reason = findFaultOfInterfaceName(interfaceName);
  if (reason !== undefined) throw new NetworkError('interfaceNameInvalid', { interfaceName, reason });
}

function readMac(mac: string): string {
  const refuse = (reason: string) => new NetworkError('macInvalid', { mac, reason });
  const compact = /^([0-9a-f]{2})([:-]?)(?:[0-9a-f]{2}\2){4}[0-9a-f]{2}$/i.test(mac) ? mac.replaceAll(/[:-]/g, '') : '';
  const pairs = compact.toLowerCase().match(/../g) ?? [];
  if (pairs.length !== 6) throw refuse('six pairs of hexadecimal digits are needed');
  if ((Number.parseInt(pairs[0] ?? '', 16) & 1) === 1) throw refuse('it is a group address');
  if (pairs.every((pair) => pair === '00')) throw refuse('it is all zeros');
  return pairs.join(':');
}

function checkPortMapping({ hostPort, containerPort, protocol }: PortMapping): void {
  for (const port of [hostPort, containerPort]) {
    if (Number.isInteger(port) && port >= 1 && port <= 65_535) continue;
    const mapping = `${hostPort}:${containerPort}/${protocol}`;
    throw new NetworkError('portMappingInvalid', { mapping, reason: 'ports are from 1 to 65535' });
  }
}
