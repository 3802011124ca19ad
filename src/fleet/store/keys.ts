import { indexOfBlock } from '../../ip/blocks.js';
import { bitsOf, covers, makeCidr, parseCidr } from '../../ip/cidr.js';
import type { Cidr, Family } from '../../model/address.js';
import type { FleetPool } from '../../model/fleet.js';
import type { KeyRange } from './claim-store.js';

/** The version of keys and values; another one gets a tree of its own. */
const version = 'v1';

/** The keys below a prefix, in whose order blocks are sorted by their addresses. */
export class Keys {
  constructor(private readonly prefix: string) {}

  /** The pools of all hosts. */
  get layout(): string {
    return this.#at('layout');
  }

  /** The claim of a block. It has no lease: what networks use does not expire. */
  block(block: Cidr): string {
    return `${this.#blocks(block.family)}${hex(block.family, block.base)}`;
  }

  /** Claims in a part of a pool. @param from, to indexes of blocks; `to` is not in it */
  blocksBetween(pool: FleetPool, from: bigint, to: bigint): KeyRange {
    const { family, base } = pool.base;
    const bits = BigInt(bitsOf(family) - pool.blockBits);
    const folder = this.#blocks(family);
    return { key: folder + hex(family, base + (from << bits)), end: folder + hex(family, base + (to << bits)) };
  }

  /** The claims of one host, as a second key each, so that it lists its own among many. */
  hostBlock(host: string, block: Cidr): string {
    return `${this.#host(host)}blocks/${block.family}/${hex(block.family, block.base)}`;
  }

  hostBlocks(host: string): KeyRange {
    return below(`${this.#host(host)}blocks/`);
  }

  /** Which machine uses the name of a host. */
  hostId(host: string): string {
    return `${this.#at('ids/')}${encodeURIComponent(host)}`;
  }

  /** The ids of all hosts. */
  get ids(): KeyRange {
    return below(this.#at('ids/'));
  }

  /** The heartbeat, with a lease. */
  alive(host: string): string {
    return `${this.#at('alive/')}${encodeURIComponent(host)}`;
  }

  /** The host that a key of {@link Keys.ids} belongs to. */
  hostOf(key: string): string {
    const text = key.slice(key.lastIndexOf('/') + 1);
    try {
      return decodeURIComponent(text);
    } catch {
      // A key that podnetd does not write.
      return text;
    }
  }

  #host(host: string): string {
    return `${this.#at('hosts/')}${encodeURIComponent(host)}/`;
  }

  #blocks(family: Family): string {
    return this.#at(`blocks/${family}/`);
  }

  #at(rest: string): string {
    return `${this.prefix}/${version}/${rest}`;
  }
}

/** The index of the block that a key between {@link Keys.blocksBetween} names; undefined for a key that podnetd does not write. */
export function indexOfKey(pool: FleetPool, key: string): bigint | undefined {
  const { family } = pool.base;
  const digits = key.slice(key.lastIndexOf('/') + 1);
  if (digits.length !== bitsOf(family) / 4 || !/^[0-9a-f]+$/.test(digits)) return undefined;
  const address = makeCidr({ family, value: BigInt(`0x${digits}`) }, bitsOf(family));
  return covers(pool.base, address) ? indexOfBlock(pool, address) : undefined;
}

/** All keys that begin with a text. @param folder ends with a slash, behind which no other character of keys comes before `0` */
function below(folder: string): KeyRange {
  return { key: folder, end: `${folder.slice(0, -1)}0` };
}

/** Fixed width, so that keys sort as addresses do; the end of a range that is the end of all addresses sorts behind them. */
function hex(family: Family, value: bigint): string {
  return value >> BigInt(bitsOf(family)) === 0n ? value.toString(16).padStart(bitsOf(family) / 4, '0') : 'g';
}

/** @returns undefined for another text */
export function parseBlock(text: unknown): Cidr | undefined {
  const parsed = typeof text === 'string' ? parseCidr(text) : undefined;
  return parsed && makeCidr(parsed.address, parsed.cidr.prefixBits);
}
