import { formatCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import type { FleetPool } from '../../model/fleet.js';
import { asArray, asObject, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import { parseBlock } from './keys.js';

/** Values of the keys, JSON. A reader takes a value that it cannot read for that of another host, and leaves it alone. */

/** The claim of a block. */
export interface ClaimValue {
  /** The prefix, for people and for `hosts/…/blocks`, whose keys have no length. */
  readonly block: Cidr | undefined;
  readonly host: string;
  readonly name: string;
  readonly instance: string;
  /** Random; each write of a claim has another, so that a late delete of an older one does nothing. */
  readonly token: string;
  readonly time: Date | undefined;
}

/** Which machine uses a name. */
export interface IdValue {
  /** Random, made with the file of own blocks. */
  readonly instance: string;
  readonly name: string;
  readonly time: Date | undefined;
}

/** The heartbeat. */
export interface AliveValue {
  /** Random, of one process. */
  readonly session: string;
  readonly bootId: string;
  readonly instance: string;
  readonly networks: number;
  readonly blocks: readonly { readonly block: Cidr; readonly free: bigint }[];
  readonly time: Date | undefined;
}

export function writeClaim({
  block,
  time,
  ...rest
}: ClaimValue & { readonly block: Cidr; readonly time: Date }): string {
  return JSON.stringify({ block: formatCidr(block), ...rest, time: time.toISOString() });
}

export function readClaim(text: string): ClaimValue {
  const { block, host, name, instance, token, time } = parse(text);
  return {
    block: parseBlock(block),
    host: textOf(host),
    name: textOf(name),
    instance: textOf(instance),
    token: textOf(token),
    time: readTime(time),
  };
}

export function writeId({ time, ...rest }: IdValue & { readonly time: Date }): string {
  return JSON.stringify({ ...rest, time: time.toISOString() });
}

export function readId(text: string): IdValue {
  const { instance, name, time } = parse(text);
  return { instance: textOf(instance), name: textOf(name), time: readTime(time) };
}

export function writeAlive({ blocks, time, ...rest }: AliveValue & { readonly time: Date }): string {
  const list = blocks.map(({ block, free }) => ({ block: formatCidr(block), free: String(free) }));
  return JSON.stringify({ ...rest, blocks: list, time: time.toISOString() });
}

export function readAlive(text: string): AliveValue {
  const { session, bootId, instance, networks, blocks, time } = parse(text);
  return {
    session: textOf(session),
    bootId: textOf(bootId),
    instance: textOf(instance),
    networks: typeof networks === 'number' ? networks : 0,
    blocks: asArray(blocks).flatMap((entry) => {
      const { block: prefix, free } = asObject(entry);
      const block = parseBlock(prefix);
      return block === undefined || !/^\d+$/.test(textOf(free)) ? [] : [{ block, free: BigInt(textOf(free)) }];
    }),
    time: readTime(time),
  };
}

/** A pool of the fleet, without the length of subnets, in which hosts may differ. */
export type LayoutPool = Pick<FleetPool, 'base' | 'blockBits'>;

export function writeLayout(pools: readonly LayoutPool[]): string {
  return JSON.stringify({ pools: pools.map(({ base, blockBits }) => ({ base: formatCidr(base), block: blockBits })) });
}

/** @returns undefined for a text that is no layout */
export function readLayout(text: string): readonly LayoutPool[] | undefined {
  const { pools } = parse(text);
  if (!Array.isArray(pools)) return undefined;
  const read = pools.map((pool) => {
    const { base, block } = asObject(pool);
    const prefix = parseBlock(base);
    return prefix === undefined || typeof block !== 'number' ? undefined : { base: prefix, blockBits: block };
  });
  return read.every((pool) => pool !== undefined) ? read : undefined;
}

/** The name of a host for people, with its id, which commands take. */
export function describeOwner({ host, name }: { readonly host: string; readonly name: string }): string {
  return name === '' || name === host ? host : `${name} (${host})`;
}

function parse(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function readTime(text: unknown): Date | undefined {
  const time = new Date(textOf(text));
  return Number.isNaN(time.getTime()) ? undefined : time;
}
