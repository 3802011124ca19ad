import { readWholeFile } from '../host/files/whole-file.js';
import type { FileHashes } from '../model/audited-request.js';
import { Chain, hash, readLink } from './chain.js';

/** A request that was announced and has no outcome: podnetd died in between. */
export interface Unconcluded {
  readonly id: string;
  readonly changes: readonly FileHashes[];
}

export interface Tail {
  readonly chain: Chain;
  readonly unconcluded: readonly Unconcluded[];
  /** What stands behind the last whole line. */
  readonly torn: Buffer | undefined;
}

/** Reads the end of a file of a chain. @param isWhole whether `end` begins with a line */
export function readTail(end: Buffer, isWhole: boolean): Tail {
  const cut = end.lastIndexOf(0x0a) + 1;
  const lines = end
    .subarray(0, cut)
    .toString('utf8')
    .split('\n')
    .slice(isWhole ? 0 : 1, -1);
  const open = new Map<string, Unconcluded>();
  let chain = new Chain();
  for (const line of lines) {
    const link = readLink(line);
    if (link === undefined) continue;
    chain = new Chain(link.seq, hash(line));
    const { id, changes = [] } = link as unknown as Partial<Unconcluded>;
    if (id === undefined) continue;
    if (link.event === 'announced') open.set(id, { id, changes });
    else open.delete(id);
  }
  return { chain, unconcluded: [...open.values()], torn: cut < end.length ? end.subarray(cut) : undefined };
}

/** The chain of the file that logrotate took the name from, which lies beside it; a new chain where there is none. */
export function continueFrom(rotated: string): Chain {
  const bytes = readWholeFile(rotated);
  return bytes === undefined ? new Chain() : readTail(bytes, true).chain;
}
