import { spawnSync } from 'node:child_process';
import { isIPv4 } from 'node:net';
import { asArray, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import type { HeldNetns } from './held-netns.js';
import type { WrapProgram } from './netns.js';
import { isShortage, storageError } from '../native-error.js';
import { findProgram } from '../programs/find-program.js';

export interface InnerLink {
  readonly name: string;
  /** Lower case with colons. */
  readonly macAddress: string;
  /** IPv4 addresses in eight hexadecimal digits: a link that is down keeps no others. */
  readonly addresses: readonly string[];
}

/** Milliseconds and bytes. The call blocks the event loop, so its timeout is short. */
const limits = { timeout: 2_000, maxBuffer: 4_000_000 };

/**
 * Links of a network namespace as a program inside sees them.
 *
 * source: iproute2 ip/ipaddress.c@v6.1.0 (print_linkinfo, print_addrinfo, with -json)
 *
 * @param wrap places a program where it can enter the namespace
 * @returns undefined when the links cannot be listed, as without the program `ip`
 * @throws NetworkError storage
 */
export function readInnerLinks(held: HeldNetns, wrap: WrapProgram): readonly InnerLink[] | undefined {
  const ip = findProgram('ip');
  if (ip === undefined) return undefined;
  const args = ['--net=/proc/self/fd/3', '--', ip, '-json', 'address', 'show'];
  const call = wrap({ file: 'nsenter', args }, held.path);
  const { status, stdout, error } = spawnSync(call.file, call.args, {
    ...limits,
    stdio: ['ignore', 'pipe', 'ignore', held.descriptor],
    encoding: 'utf8',
  });
  if (isShortage(error)) throw storageError('run', call.file, error);
  return status === 0 ? readLinks(stdout) : undefined;
}

function readLinks(text: string): readonly InnerLink[] | undefined {
  try {
    return asArray(JSON.parse(text)).filter(isObject).map(toLink);
  } catch {
    return undefined;
  }
}

function toLink(link: JsonObject): InnerLink {
  return {
    name: textOf(link['ifname']),
    macAddress: textOf(link['address']).toLowerCase(),
    addresses: asArray(link['addr_info'])
      .filter(isObject)
      .map(({ local }) => textOf(local))
      .filter((local) => isIPv4(local))
      .map(toHex4),
  };
}

function toHex4(text: string): string {
  return Buffer.from(text.split('.').map(Number)).toString('hex');
}
