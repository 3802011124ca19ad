import { contains, formatAddress, formatCidr, makeCidr, parseAddress, prefixBitsOfMask } from '../../ip/cidr.js';
import { isPrefix, prefixOrSize } from '../../ip/prefix-size.js';
import type { Address, Cidr } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { StringMap } from '../../model/network.js';
import { ownOptions } from '../../model/own-options.js';
import type { NetworkRequest, SubnetRequest } from '../../model/request.js';
import { leasesOf, readAddress, readStrings } from '../fields.js';
import type { IpNet, V3CreateBody } from './schemas.js';

/**
 * source: podman libpod/network/create.go@54b588c07d
 *
 * @param name from the query; a `Name` in the body is ignored, as Podman 3 does
 * @throws NetworkError invalid, unsupported
 */
export function readCreateBody(body: V3CreateBody, name: string): NetworkRequest {
  const driver = body.Driver || 'bridge';
  if (driver !== 'bridge' && driver !== 'macvlan')
    throw new NetworkError('driverUnsupported', { driver, known: ['bridge', 'macvlan'] });
  const options = new Map(readStrings(body.Options));
  const isMacvlan = driver === 'macvlan' || (body.MacVLAN ?? '') !== '';
  const parent = body.MacVLAN || (isMacvlan && options.get('parent')) || '';
  if (isMacvlan) options.delete('parent');
  refuseLaterOptions(options, isMacvlan ? 'macvlan' : 'bridge');
  const subnet = readSubnet(body, isMacvlan);
  return {
    name,
    driver: isMacvlan ? 'macvlan' : 'bridge',
    networkInterface: parent,
    subnets: subnet === undefined ? [] : [subnet],
    ipv4Enabled: true,
    ipv6Enabled: body.IPv6 ?? false,
    internal: body.Internal ?? false,
    dnsEnabled: body.DisableDNS !== true,
    dnsServers: [],
    routes: [],
    masquerade: true,
    labels: readStrings(body.Labels),
    options,
    ipamDriver: '',
    docker: undefined,
    form: 'podman3',
  };
}

/** Podman 4 knows more. DIVERGES: Podman 3 takes any option of a macvlan and does nothing with it. */
function refuseLaterOptions(options: StringMap, driver: 'bridge' | 'macvlan'): void {
  const known = [...(driver === 'bridge' ? ['mtu', 'vlan'] : ['mtu']), ownOptions.allowReserved];
  for (const option of options.keys()) {
    if (!known.includes(option)) throw new NetworkError('optionUnsupported', { option, driver, known });
  }
}

function readSubnet(body: V3CreateBody, isMacvlan: boolean): SubnetRequest | undefined {
  const cidr = readIpNet('Subnet', body.Subnet);
  // Clients of Podman 3 send `--ip-range` as IPRange, which the server of the seed did not know.
  const range = readIpNet('Range', body.Range) ?? readIpNet('IPRange', body.IPRange);
  const gateway = readAddress('Gateway', body.Gateway);
  if (body.IPv6 === true && !isMacvlan && cidr?.family !== 6) throw new NetworkError('ipv6NeedsSubnet', {});
  if (cidr === undefined) {
    if (range !== undefined || gateway !== undefined) throw new NetworkError('subnetRequired', {});
    return undefined;
  }
  const leases = leasesOf(range);
  const prefix = prefixOrSize(cidr);
  const isOutside = () => !(isIn(cidr, leases.leaseStart) && isIn(cidr, leases.leaseEnd));
  if (range !== undefined && isPrefix(prefix) && isOutside()) {
    throw new NetworkError('rangeOutside', { range: formatCidr(range), subnet: formatCidr(cidr) });
  }
  return { prefix, gateway, ...leases, reserved: new Map() };
}

function isIn(cidr: Cidr, address: Address | undefined): boolean {
  return address !== undefined && contains(cidr, address);
}

/** Reads Go's net.IPNet: an address, and the bytes of a mask in base64 or as numbers. */
function readIpNet(field: string, given: IpNet | undefined): Cidr | undefined {
  const text = given?.IP ?? '';
  const mask = readMask(given?.Mask);
  if (text === '') {
    if (mask.length > 0) throw new NetworkError('maskMissing', { member: field, ip: '' });
    return undefined;
  }
  const address = parseAddress(text);
  if (address === undefined) throw new NetworkError('addressInvalid', { field, text });
  if (mask.length === 0) throw new NetworkError('maskMissing', { member: field, ip: text });
  const prefixBits = bitsFor(address, mask);
  if (prefixBits === undefined || prefixBits === 0) {
    throw new NetworkError('maskInvalid', {
      network: `${formatAddress(address)}/${prefixBits ?? Buffer.from(mask).toString('hex')}`,
    });
  }
  return makeCidr(address, prefixBits);
}

function bitsFor(address: Address, mask: Uint8Array): number | undefined {
  const bits = prefixBitsOfMask(mask);
  if (bits === undefined || address.family === 6) return mask.length === 16 ? bits : undefined;
  // Go takes the last four bytes of a 16-byte mask for an IPv4 address when the others are all ones.
  if (mask.length === 4) return bits;
  return bits >= 96 ? bits - 96 : undefined;
}

function readMask(mask: IpNet['Mask']): Uint8Array {
  if (mask === undefined) return new Uint8Array();
  if (typeof mask !== 'string') return Uint8Array.from(mask);
  const at = /^(?:[A-Za-z0-9+/]{4})*/.exec(mask)?.[0].length ?? 0;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(mask)) {
    throw new NetworkError('maskNotBase64', { mask, at });
  }
  return Buffer.from(mask, 'base64');
}
