import { defaultSlirpOptions, type SlirpOptions } from '../host/slirp4netns/process.js';
import { parseAddress, parseCidr } from '../ip/cidr.js';
import { maxInterfaceNameBytes } from '../model/names.js';

/** The value, or what a valid one would be. */
type Reading = Partial<SlirpOptions> | string;

/** The least that IPv4 allows; source: podman libpod/networking_slirp4netns.go@v4.3.1, RFC 791. */
const minMtu = 68;
/** source: slirp4netns.1 */
const maxMtu = 65_521;

/** source: podman libpod/networking_slirp4netns.go@v4.3.1 (parseSlirp4netnsNetworkOptions) */
const readers: Readonly<Record<string, (value: string) => Reading>> = {
  cidr: (value) => {
    const cidr = parseCidr(value)?.cidr;
    return cidr?.family === 4 && cidr.prefixBits <= 25 ? { cidr: value } : 'an IPv4 CIDR of at most 25 bits';
  },
  mtu: (value) => {
    const mtu = Number(value);
    const isFit = /^\d+$/.test(value) && mtu >= minMtu && mtu <= maxMtu;
    return isFit ? { mtu } : `an integer from ${minMtu} to ${maxMtu}`;
  },
  enable_ipv6: (value) => readBoolean(value, (enableIpv6) => ({ enableIpv6 })),
  allow_host_loopback: (value) => readBoolean(value, (allowHostLoopback) => ({ allowHostLoopback })),
  outbound_addr: (value) =>
    parseAddress(value)?.family === 4 || isInterfaceName(value)
      ? { outboundAddr: value }
      : 'an IPv4 address or the name of an interface',
  outbound_addr6: (value) =>
    parseAddress(value)?.family === 6 || isInterfaceName(value)
      ? { outboundAddr6: value }
      : 'an IPv6 address or the name of an interface',
  // For containers that have a slirp4netns of their own; podnetd makes none.
  port_handler: (value) => (['slirp4netns', 'rootlesskit'].includes(value) ? {} : 'slirp4netns or rootlesskit'),
};

/** @param options as `network_cmd_options` has them: `name=value`, later ones over earlier ones */
export function readSlirpOptions(
  options: readonly string[],
  refuse: (index: number, problem: string) => never,
): SlirpOptions {
  let result = defaultSlirpOptions;
  for (const [index, option] of options.entries()) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(option) ?? [];
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read === undefined) refuse(index, `${JSON.stringify(option)} is no option of slirp4netns`);
    else {
      const reading = read(value);
      if (typeof reading === 'string') refuse(index, `${JSON.stringify(option)}: ${name} must be ${reading}`);
      result = { ...result, ...reading };
    }
  }
  return result;
}

/** source: linux net/core/dev.c (dev_valid_name) */
function isInterfaceName(value: string): boolean {
  return /^[^/:\s]+$/.test(value) && !['.', '..'].includes(value) && Buffer.byteLength(value) <= maxInterfaceNameBytes;
}

function readBoolean(value: string, make: (value: boolean) => Partial<SlirpOptions>): Reading {
  return value === 'true' || value === 'false' ? make(value === 'true') : 'true or false';
}

/** As `network_cmd_options` has them. */
export function formatSlirpOptions(options: SlirpOptions): readonly string[] {
  const { cidr, mtu, enableIpv6, outboundAddr, outboundAddr6, allowHostLoopback } = options;
  return Object.entries({
    cidr,
    mtu,
    enable_ipv6: enableIpv6,
    allow_host_loopback: allowHostLoopback,
    outbound_addr: outboundAddr,
    outbound_addr6: outboundAddr6,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}
