import { readBooleanOption } from '../../model/go/boolean-option.js';
import type { StringMap } from '../../model/network.js';
import { enableIcc, ownOptions } from '../../model/own-options.js';

/** What the options of a Docker client mean; what it sent is kept beside this, word for word. */
export interface DriverOptions {
  /** Options by Podman's names. */
  readonly options: StringMap;
  readonly networkInterface: string;
  readonly masquerade: boolean;
  /** Undefined where no option says it. */
  readonly ipv4Enabled: boolean | undefined;
  readonly ipv6Enabled: boolean | undefined;
  readonly warnings: readonly string[];
}

/** An option that CNI has nothing for. */
interface Powerless {
  /** Whether the value asks for podnetd's only behaviour. */
  isMet(value: string, option: string): boolean;
  readonly why: string;
}

const isOff = (value: string, option: string) => !readBooleanOption(option, value);
const isOneOf =
  (...values: readonly string[]) =>
  (value: string) =>
    values.includes(value);

const gatewayMode: Powerless = {
  isMet: isOneOf('', 'nat'),
  why: 'published ports are reached under an address of this host',
};
const sourceAddress: Powerless = {
  isMet: isOneOf(''),
  why: 'the kernel chooses the address that containers are seen under',
};

/** source: moby libnetwork/drivers/bridge/labels.go, libnetwork/netlabel/labels.go@v28 */
const powerlessOfBridge: Readonly<Record<string, Powerless>> = {
  'com.docker.network.bridge.default_bridge': { isMet: isOff, why: 'the default network is set in containers.conf' },
  'com.docker.network.bridge.inhibit_ipv4': { isMet: isOff, why: 'a bridge has the address of its gateway' },
  'com.docker.network.bridge.host_binding_ipv4': {
    isMet: isOneOf('', '0.0.0.0'),
    why: 'the program that starts a container publishes its ports',
  },
  'com.docker.network.bridge.gateway_mode_ipv4': gatewayMode,
  'com.docker.network.bridge.gateway_mode_ipv6': gatewayMode,
  'com.docker.network.bridge.trusted_host_interfaces': {
    isMet: isOneOf(''),
    why: 'every interface of this host may reach the network',
  },
  'com.docker.network.host_ipv4': sourceAddress,
  'com.docker.network.host_ipv6': sourceAddress,
  'com.docker.network.container_iface_prefix': {
    isMet: isOneOf('', 'eth'),
    why: 'the program that starts a container names its interfaces',
  },
};

/** source: moby libnetwork/drivers/ipvlan/ipvlan.go@v28 */
const powerlessOfIpvlan: Readonly<Record<string, Powerless>> = {
  ipvlan_flag: { isMet: isOneOf('', 'bridge'), why: 'the ipvlan plugin knows no other flag than bridge' },
};

/**
 * source: podman pkg/api/handlers/compat/networks.go@v4.3.1 CreateNetwork, moby daemon/network.go and libnetwork/netlabel@v28
 *
 * @throws NetworkError invalid
 */
export function readDriverOptions(given: StringMap, driver: string): DriverOptions {
  const isBridge = driver === 'bridge';
  // Docker's bridges do not reach each other.
  const options = new Map<string, string>(isBridge ? [['isolate', 'true']] : []);
  const powerless = isBridge ? powerlessOfBridge : driver === 'ipvlan' ? powerlessOfIpvlan : {};
  const warnings: string[] = [];
  let networkInterface = '';
  let masquerade = true;
  let ipv4Enabled: boolean | undefined;
  let ipv6Enabled: boolean | undefined;
  for (const [option, value] of given) {
    if (option === 'mtu' || option === 'com.docker.network.driver.mtu') options.set('mtu', value);
    else if (option === ownOptions.allowReserved) options.set(option, value);
    else if (option === 'com.docker.network.enable_ipv4') ipv4Enabled = readBooleanOption(option, value);
    else if (option === 'com.docker.network.enable_ipv6') ipv6Enabled = readBooleanOption(option, value);
    else if (isBridge && option === 'com.docker.network.bridge.name') networkInterface = value;
    else if (isBridge && option === enableIcc) {
      if (!readBooleanOption(option, value)) options.set(enableIcc, 'false');
    } else if (isBridge && option === 'com.docker.network.bridge.enable_ip_masquerade') {
      masquerade = readBooleanOption(option, value);
    } else if (!isBridge && (option === 'mode' || option === `${driver}_mode`)) options.set('mode', value);
    else if (!isBridge && option === 'parent') networkInterface = value;
    else warnings.push(...warnOf(option, value, powerless));
  }
  return { options, networkInterface, masquerade, ipv4Enabled, ipv6Enabled, warnings };
}

function warnOf(option: string, value: string, powerless: Readonly<Record<string, Powerless>>): readonly string[] {
  const known = Object.hasOwn(powerless, option) ? powerless[option] : undefined;
  if (known === undefined) return [`"${option}: ${value}" is not a recognized option`];
  return known.isMet(value, option) ? [] : [`"${option}: ${value}" has no effect: ${known.why}`];
}
