import { createHash } from 'node:crypto';
import { formatCidr } from '../../ip/cidr.js';
import { mapInShares } from '../../model/in-shares.js';
import { sha256 } from '../../model/sha256.js';
import type { IndexedFile } from './indexed-file.js';

/**
 * A hash of a set of files, whatever their order. It is the sum of the files' hashes, so that a file that comes or goes costs the hash of that
 * file alone, among ten thousand too. Nothing is hashed before the first question.
 */
export class ContentHash {
  #sum: bigint | undefined;
  /** Hashes of files that `prepare` made and no sum has yet. */
  readonly #hashes = new Map<IndexedFile, bigint>();

  constructor(private readonly files: () => Iterable<IndexedFile>) {}

  /** @param file one that the set has from now on */
  add(file: IndexedFile): void {
    if (this.#sum !== undefined) this.#sum += hashFile(file);
  }

  /** @param file one that the set no longer has */
  remove(file: IndexedFile): void {
    if (this.#sum !== undefined) this.#sum -= hashFile(file);
  }

  /** Whether `text` has been asked for, and takes no time from then on. */
  get isKnown(): boolean {
    return this.#sum !== undefined;
  }

  /** Hashes the files in turns with other work; `text` then hashes only those that came meanwhile. */
  async prepare(): Promise<void> {
    if (this.isKnown) return;
    const unhashed = [...this.files()].filter((file) => !this.#hashes.has(file));
    await mapInShares(unhashed, (file) => this.#hashes.set(file, hashFile(file)));
  }

  /** 32 hexadecimal digits. */
  get text(): string {
    if (this.#sum === undefined) {
      let sum = 0n;
      for (const file of this.files()) sum += this.#hashes.get(file) ?? hashFile(file);
      this.#sum = sum;
      this.#hashes.clear();
    }
    return BigInt.asUintN(128, this.#sum).toString(16).padStart(32, '0');
  }
}

/** A hash of both, short enough for a header: 32 hexadecimal digits. */
export function hashRevision(contentHash: string, hostRevision: string): string {
  return sha256(`${contentHash} ${hostRevision}`).slice(0, 32);
}

/** Counts also what plugins of other files add to the network. */
function hashFile({ key, decoded: { text, prefixes, bridges } }: IndexedFile): bigint {
  const parts = [key, text, ...bridges, ...prefixes.map(formatCidr)];
  const digest = createHash('sha256').update(parts.join('\0')).digest();
  return digest.readBigUInt64BE(0) | (digest.readBigUInt64BE(8) << 64n);
}
