import { contains, makeCidr, parseAddress } from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';

/** The DNS servers that a resolv.conf names. */
export interface ResolvConf {
  /** In the order of the file, without zones and without those of the loopback, whose addresses no subnet can take. */
  readonly servers: readonly Address[];
  /** Whether the file names systemd-resolved alone, which keeps the servers that it asks in a file of its own. */
  readonly namesStubAlone: boolean;
}

/** source: systemd-resolved.service(8) */
const stub: Address = { family: 4, value: 0x7f00_0035n };

const loopbacks = [makeCidr({ family: 4, value: 0x7f00_0000n }, 8), makeCidr({ family: 6, value: 1n }, 128)];

/** Skips what is no address, as the resolver does. source: resolv.conf(5); moby libnetwork/resolvconf/resolvconf.go@v24.0.0 (Path, GetNameservers) */
export function parseResolvConf(text: string): ResolvConf {
  const lines = text.matchAll(/^[ \t]*nameserver[ \t]+(?<address>[^\s#;%]+)/gm);
  const named = Array.from(lines, ({ groups }) => parseAddress(groups?.['address'] ?? '') ?? []).flat();
  const [first] = named;
  return {
    servers: named.filter((server) => !loopbacks.some((loopback) => contains(loopback, server))),
    namesStubAlone: named.length === 1 && first?.family === stub.family && first.value === stub.value,
  };
}
