import path from 'node:path';
import type { Static } from '@sinclair/typebox';
import { formatCidr } from '../ip/cidr.js';
import { longestLeasable } from '../ip/leasable.js';
import { findOverlapping } from '../ip/overlaps.js';
import type { Cidr } from '../model/address.js';
import type { FleetPool } from '../model/fleet.js';
import type { FleetTable } from './fleet-schema.js';
import { formatTomlValue, type FilePlace, type Refuse, type TomlDocument } from './toml-document.js';
import type { ValuePath } from './toml-line.js';
import { readPrefix } from './toml-prefix.js';

export interface PlacedFleetPool extends FleetPool {
  readonly place: () => FilePlace;
}

/** The table `[fleet]` of one podnetd.toml; keys that it lacks are undefined. */
export interface FleetConf {
  readonly pools?: readonly PlacedFleetPool[];
  readonly hostIndex?: number;
  readonly endpoints?: readonly string[];
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly prefix?: string;
  readonly host?: string;
  readonly stateFile?: string;
}

/** Blocks of a pool are numbered, and a store is asked for the free ones among them: 2^40 are enough for any fleet. */
const maxIndexBits = 40;

/** What each key of a file says by itself. @throws ConfigError */
export function readFleet(
  table: Static<typeof FleetTable>,
  document: Pick<TomlDocument<never>, 'place' | 'refuse'>,
): FleetConf {
  const { place, refuse } = document;
  const file = (key: 'ca' | 'cert' | 'key' | 'password_file' | 'state_file') =>
    checkFile(table[key], ['fleet', key], refuse);
  const pools = table.pools?.map((pool, index) => {
    const at = ['fleet', 'pools', index];
    return { ...checkPool(pool, at, refuse), place: () => place([...at, 'base']) };
  });
  refuseOverlaps(pools ?? [], refuse);
  const endpoints = table.endpoints?.map((text, index) => checkEndpoint(text, ['fleet', 'endpoints', index], refuse));
  const double = endpoints?.findIndex((endpoint, index) => endpoints.indexOf(endpoint) !== index) ?? -1;
  if (double >= 0)
    refuse(['fleet', 'endpoints', double], `${formatTomlValue(endpoints?.[double])} stands in the list twice`);
  const values: FleetConf = {
    ...(pools && { pools }),
    ...(table.host_index !== undefined && { hostIndex: Number(table.host_index) }),
    ...(endpoints && { endpoints }),
    ...keep('ca', file('ca')),
    ...keep('cert', file('cert')),
    ...keep('key', file('key')),
    ...keep('user', table.user),
    ...keep('passwordFile', file('password_file')),
    ...keep('prefix', table.prefix),
    ...keep('host', table.host),
    ...keep('stateFile', file('state_file')),
  };
  return values;
}

/** A member that a later file does not overwrite with nothing. */
function keep<N extends string>(name: N, value: string | undefined): { readonly [K in N]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [K in N]?: string };
}

function checkFile(text: string | undefined, at: ValuePath, refuse: Refuse): string | undefined {
  if (text === undefined || path.isAbsolute(text)) return text;
  return refuse(at, `${formatTomlValue(text)} is not an absolute path`);
}

/** @returns the origin of the URL */
function checkEndpoint(text: string, at: ValuePath, refuse: Refuse): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Not quoted: a password may stand in it.
  if (url !== undefined && (url.username !== '' || url.password !== ''))
    return refuse(at, 'the URL has a user or a password; write them as user and password_file');
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    return refuse(at, `${formatTomlValue(text)} is not a URL of https or http, as "https://etcd1:2379"`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return refuse(at, `${formatTomlValue(text)} has more than a host and a port; write "${url.origin}"`);
  return url.origin;
}

function checkPool(
  { base: text, block, size }: { readonly base: string; readonly block: bigint; readonly size: bigint },
  at: ValuePath,
  refuse: Refuse,
): FleetPool {
  const base = readPrefix(text, [...at, 'base'], refuse);
  const [blockBits, prefixBits] = [Number(block), Number(size)];
  const longest = longestLeasable(base);
  if (blockBits < base.prefixBits)
    refuse([...at, 'block'], `${blockBits} is less than the prefix length of its base "${formatCidr(base)}"`);
  if (blockBits - base.prefixBits > maxIndexBits)
    refuse(
      [...at, 'block'],
      `${blockBits} cuts the base "${formatCidr(base)}" into more than 2^${maxIndexBits} blocks; write ${base.prefixBits + maxIndexBits} or less`,
    );
  if (prefixBits < blockBits)
    refuse([...at, 'size'], `${prefixBits} is less than the block's ${blockBits}: a subnet is a part of a block`);
  if (prefixBits > longest)
    refuse(
      [...at, 'size'],
      `${prefixBits} is more than ${longest}: host-local leases no address of smaller IPv${base.family} subnets`,
    );
  return { base, blockBits, prefixBits };
}

function refuseOverlaps(pools: readonly FleetPool[], refuse: Refuse): void {
  const pair = findOverlapping(pools.map(({ base }) => base));
  if (pair === undefined) return;
  const [earlier, later] = pair;
  const index = pools.findLastIndex(({ base }: { readonly base: Cidr }) => base === later);
  refuse(
    ['fleet', 'pools', index, 'base'],
    `${formatCidr(later)} overlaps the pool ${formatCidr(earlier)}; take one of them away`,
  );
}
