import { parseAddress } from '../ip/cidr.js';
import type { Address } from '../model/address.js';
import { NetworkError } from '../model/errors/errors.js';
import type { ConnectOptions } from '../network/attachments/check-connect.js';

/** What the dialects' bodies say of how a container wants to be on a network; nothing asked for is an empty text. */
export interface WantedEndpoint {
  readonly addresses?: readonly string[] | undefined;
  readonly mac?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly interfaceName?: string | undefined;
}

/** @throws NetworkError invalid */
export function readConnectOptions({ addresses, mac, aliases, interfaceName }: WantedEndpoint): ConnectOptions {
  return {
    staticAddresses: (addresses ?? []).filter(Boolean).map(readAddress),
    macAddress: mac ? readMac(mac) : undefined,
    aliases: aliases ?? [],
    interfaceName: interfaceName || undefined,
    portMappings: [],
  };
}

/** Docker's clients send them with a prefix length at times. */
function readAddress(text: string): Address {
  const address = parseAddress(text.replace(/\/\d+$/, ''));
  if (address === undefined) throw new NetworkError('addressInvalid', { field: 'static ip', text });
  return address;
}

/** Podman before 4.0 sent Go's bytes, as base64. */
function readMac(text: string): string {
  return /^[A-Za-z0-9+/]{8}$/.test(text)
    ? (Buffer.from(text, 'base64').toString('hex').match(/../g) ?? []).join(':')
    : text;
}
