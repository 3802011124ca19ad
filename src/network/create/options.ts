import { readBooleanOption } from '../../model/go/boolean-option.js';
import { NetworkError } from '../../model/errors/errors.js';
import { parseGoBoolean } from '../../model/go/boolean.js';
import { enableIcc, ownOptions } from '../../model/own-options.js';
import type { LinkOptions, StringMap } from '../../model/network.js';

/** source: containers/common libnetwork/types/const.go@v0.50.1 */
const modes: Readonly<Record<string, readonly string[]>> = {
  macvlan: ['bridge', 'private', 'vepa', 'passthru'],
  ipvlan: ['l2', 'l3', 'l3s'],
};

const optionsOf: Readonly<Record<string, readonly string[]>> = {
  bridge: ['mtu', 'vlan', 'isolate', 'no_default_route', 'metric', enableIcc, ownOptions.allowReserved],
  // DIVERGES: Podman 4 takes `vlan` for these drivers and does nothing with it.
  macvlan: ['mtu', 'mode', 'no_default_route', 'metric', ownOptions.allowReserved],
  ipvlan: ['mtu', 'mode', 'no_default_route', 'metric', ownOptions.allowReserved],
};

export function isKnownOption(option: string, driver: string): boolean {
  return optionsOf[driver]?.includes(option) === true;
}

/** Bytes: ETH_MAX_MTU, the longest IP packet; source: linux include/uapi/linux/if_ether.h. */
const maxMtu = 65_535;

/**
 * Reads Podman's network options.
 *
 * source: containers/common libnetwork/cni/cni_conversion.go@v0.50.1 parseOptions, libnetwork/netavark/config.go@v0.62.2 for `metric` and
 * `no_default_route`
 *
 * @throws NetworkError invalid, unsupported
 */
export function parseOptions(options: StringMap, driver: string): Omit<LinkOptions, 'masquerade'> {
  const known = optionsOf[driver] ?? [];
  for (const option of options.keys()) {
    if (known.includes(option)) continue;
    if (option === 'mode' || option === 'isolate') throw new NetworkError('optionMisplaced', { option, driver });
    throw new NetworkError('optionUnsupported', { option, driver, known });
  }
  const mtu = parseInteger('mtu', options.get('mtu') ?? '');
  if (mtu < 0) throw new NetworkError('mtuNegative', { mtu });
  if (mtu > maxMtu) throw new NetworkError('mtuTooLarge', { mtu, limit: maxMtu });
  const vlan = parseInteger('vlan', options.get('vlan') ?? '');
  if (vlan < 0 || vlan > 4094) throw new NetworkError('vlanOutOfRange', { vlan });
  const mode = options.get('mode');
  const knownModes = modes[driver] ?? [];
  if (mode !== undefined && !knownModes.includes(mode))
    throw new NetworkError('modeUnknown', { driver, mode, known: knownModes });
  const isolate = parseIsolate(options.get('isolate'));
  return {
    mtu,
    vlan,
    mode: mode ?? '',
    isolate,
    interContainer: parseInterContainer(options, isolate),
    defaultRoute: !parseBoolean(options, 'no_default_route', false),
    metric: parseMetric(options.get('metric') ?? '0'),
  };
}

/** What the kernel has room for: 32 bits. */
const maxMetric = 0xffff_ffff;

/** Characters of any number that fits, with room for zeros in front. */
const longestInteger = 64;

/** Go's strconv.Atoi; the empty text is 0. */
function parseInteger(option: string, value: string): number {
  if (value === '') return 0;
  if (!/^[+-]?[0-9]+$/.test(value))
    throw new NetworkError('numberInvalid', { option, value, reason: 'invalid syntax' });
  const outOfRange = () => new NetworkError('numberInvalid', { option, value, reason: 'value out of range' });
  // The time to read a number grows with the square of its digits.
  if (value.length > longestInteger) throw outOfRange();
  const wide = BigInt(value.replace(/^\+/, ''));
  const narrow = BigInt.asIntN(64, wide);
  // A file holds numbers exactly up to 2^53, and no MTU or VLAN comes near.
  if (narrow !== wide || !Number.isSafeInteger(Number(wide))) {
    throw outOfRange();
  }
  return Number(wide);
}

/** Go's strconv.ParseUint for 32 bits. */
function parseMetric(value: string): number {
  if (!/^[0-9]+$/.test(value)) throw new NetworkError('metricInvalid', { value, reason: 'invalid syntax' });
  if (value.length > longestInteger || Number(value) > maxMetric) {
    throw new NetworkError('metricInvalid', { value, reason: 'value out of range' });
  }
  return Number(value);
}

function parseBoolean(options: StringMap, option: string, absent: boolean): boolean {
  const value = options.get(option);
  return value === undefined ? absent : readBooleanOption(option, value);
}

function parseInterContainer(options: StringMap, isolate: boolean): boolean {
  const interContainer = parseBoolean(options, enableIcc, true);
  if (!interContainer && !isolate) {
    throw new NetworkError('iccNeedsIsolate', { option: enableIcc, isolate: options.get('isolate') ?? '' });
  }
  return interContainer;
}

function parseIsolate(value: string | undefined): boolean {
  if (value === undefined) return false;
  const isolate = parseGoBoolean(value);
  if (isolate === undefined) throw new NetworkError('isolateInvalid', { value });
  return isolate;
}
