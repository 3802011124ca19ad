import { BlockList, isIP, isIPv6 } from 'node:net';

/** An address and a port of TCP. */
export interface TcpAddress {
  /** A literal address of IPv4 or IPv6, without brackets. */
  readonly host: string;
  /** 0: the kernel chooses. */
  readonly port: number;
}

/** Completes "<value> is not …". */
export const tcpAddressForm = 'an address and a port, as in 127.0.0.1:9653 and [::1]:9653';

const highestPort = 65_535;

/** @returns undefined for another form, such as a name in the place of the address */
export function parseTcpAddress(text: string): TcpAddress | undefined {
  const [, bracketed, bare, digits = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? bare ?? '';
  const port = Number(digits);
  // A scope, as in fe80::1%eth0, is no part of a literal that other programs read.
  if (isIP(host) === 0 || host.includes('%') || port > highestPort) return undefined;
  return isIPv6(host) === (bracketed !== undefined) ? { host, port } : undefined;
}

export function formatTcpAddress({ host, port }: TcpAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether programs of this machine alone reach an address. source: RFC 1122, 3.2.1.3; RFC 4291, 2.5.3 */
export function isLoopback({ host }: Pick<TcpAddress, 'host'>): boolean {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  return loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}
