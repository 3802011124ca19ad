import { bitsOf } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import type { ClaimKind } from './claims.js';
import type { PassedOver } from './explanation.js';
import type { PrefixHolder } from './holders.js';
import type { TakenRun } from './taken-runs.js';

/** The first blocks that are taken, runs of one holder put together. */
export class PassedOverList {
  readonly entries: PassedOver[] = [];
  /** How many blocks the entries have. */
  blocks = 0n;

  /** @param most entries at most */
  constructor(
    private readonly describe: (kind: ClaimKind, prefix: Cidr) => PrefixHolder,
    private readonly most: number,
  ) {}

  /** @returns whether there was room for it; once there is none, later runs have none either */
  add({ kind, prefix, first, last }: TakenRun): boolean {
    const holder = this.describe(kind, prefix);
    const blocks = countBlocks(first, last);
    const previous = this.entries.at(-1);
    if (previous !== undefined && isNext(previous.last, first) && isSame(previous.holder, holder)) {
      this.entries[this.entries.length - 1] = { ...previous, last, blocks: previous.blocks + blocks };
    } else if (this.entries.length < this.most) this.entries.push({ holder, first, last, blocks });
    else return false;
    this.blocks += blocks;
    return true;
  }
}

/** @param first and last of blocks of one length */
function countBlocks(first: Cidr, last: Cidr): bigint {
  return ((last.base - first.base) >> hostBits(first)) + 1n;
}

function isNext(block: Cidr, next: Cidr): boolean {
  return block.prefixBits === next.prefixBits && block.base + (1n << hostBits(block)) === next.base;
}

function hostBits({ family, prefixBits }: Cidr): bigint {
  return BigInt(bitsOf(family) - prefixBits);
}

/** Whether two prefixes belong to one network, interface or reservation; without a name none is known to. */
function isSame(a: PrefixHolder, b: PrefixHolder): boolean {
  if (a.kind !== b.kind || a.name !== b.name || a.file !== b.file || a.reason !== b.reason) return false;
  return a.name !== undefined || a.file !== undefined || a.reason !== undefined;
}
