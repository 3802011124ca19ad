import { makeCidr, parseAddress, parseCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import { asArray, asObject, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import type { KernelFacts } from '../facts/facts.js';
import type { RunInside } from './run-inside.js';
import { fileOf, settingNames } from '../facts/settings.js';

/** Types of routes that lead to groups of hosts. */
const uncounted = new Set(['broadcast', 'anycast', 'multicast']);

/**
 * The tables of a user's namespace, by programs that run where plugins run.
 *
 * source: iproute2 ip/ipaddress.c and ip/iproute.c@v6.1.0 (with -json)
 *
 * @param isNamed see {@link LinkFacts}
 * @returns undefined when there is no namespace, or no program `ip`
 */
export async function gatherInnerKernel(
  run: RunInside,
  isNamed: (link: string) => boolean,
): Promise<KernelFacts | undefined> {
  const addresses = await run('ip', ['-json', '-details', 'address', 'show']);
  const routes4 = await run('ip', ['-4', '-json', 'route', 'show', 'table', 'all']);
  const routes6 = await run('ip', ['-6', '-json', 'route', 'show', 'table', 'all']);
  if (addresses === undefined) return undefined;
  const settings = await run('grep', ['-Hs', '', ...settingNames.map(fileOf)]);
  return {
    links: readObjects(addresses).map((link) => ({
      name: textOf(link['ifname']),
      kind: textOf(asObject(link['linkinfo'])['info_kind']) || 'device',
      master: textOf(link['master']) || undefined,
      addresses: asArray(link['addr_info']).filter(isObject).flatMap(readAddress),
      isNamed: isNamed(textOf(link['ifname'])),
    })),
    routes: [...readObjects(routes4 ?? '[]'), ...readObjects(routes6 ?? '[]')].flatMap((route) => {
      const prefix = uncounted.has(textOf(route['type'])) ? undefined : readPrefix(textOf(route['dst']));
      return prefix === undefined ? [] : [{ prefix, link: textOf(route['dev']) || undefined }];
    }),
    settings: new Map(
      settingNames.flatMap((name) => {
        const line = (settings ?? '').split('\n').find((one) => one.startsWith(`${fileOf(name)}:`));
        return line === undefined ? [] : [[name, line.slice(fileOf(name).length + 1)] as const];
      }),
    ),
  };
}

function readAddress({ local, prefixlen }: JsonObject) {
  const address = parseAddress(textOf(local));
  if (address === undefined || typeof prefixlen !== 'number') return [];
  return [{ address, prefix: makeCidr(address, prefixlen) }];
}

/** `10.89.0.0/24`, or an address alone; undefined for `default`. */
function readPrefix(text: string): Cidr | undefined {
  const address = parseAddress(text);
  if (address !== undefined) return makeCidr(address, address.family === 4 ? 32 : 128);
  return parseCidr(text)?.cidr;
}

function readObjects(text: string): readonly JsonObject[] {
  try {
    return asArray(JSON.parse(text)).filter(isObject);
  } catch {
    return [];
  }
}
