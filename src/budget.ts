/** A part of a budget. */
export interface Share {
  /** From now on it has this many bytes at most, and nobody takes it back. */
  settle(bytes: number): void;
  release(): void;
}

interface Part {
  bytes: number;
  readonly revoke: () => void;
}

/** Memory that clients may make podnetd hold. When it is used up, who has held a part the longest loses it, if that makes room. */
export class Budget {
  #usedBytes = 0;
  readonly #parts = new Set<Part>();
  /** Those that can be taken back, oldest first. */
  readonly #revocable = new Set<Part>();
  #revocableBytes = 0;

  constructor(readonly limitBytes: number) {}

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * @param revoke is called when the share is taken back, with nothing left to release
   * @returns undefined when too much is used for what cannot be taken back; then nobody loses anything
   */
  take(bytes: number, revoke: () => void): Share | undefined {
    // One that is larger than the whole is had alone.
    const wanted = Math.min(bytes, this.limitBytes);
    if (this.#usedBytes - this.#revocableBytes + wanted > this.limitBytes) return undefined;
    for (const oldest of this.#revocable) {
      if (this.#usedBytes + wanted <= this.limitBytes) break;
      this.#release(oldest);
      oldest.revoke();
    }
    const part: Part = { bytes: wanted, revoke };
    this.#parts.add(part);
    this.#revocable.add(part);
    this.#revocableBytes += wanted;
    this.#usedBytes += wanted;
    return {
      settle: (settledBytes) => this.#settle(part, settledBytes),
      release: () => this.#release(part),
    };
  }

  #settle(part: Part, bytes: number): void {
    if (!this.#parts.has(part)) return;
    this.#fix(part);
    const settled = Math.min(bytes, part.bytes);
    this.#usedBytes -= part.bytes - settled;
    part.bytes = settled;
  }

  #release(part: Part): void {
    this.#fix(part);
    if (this.#parts.delete(part)) this.#usedBytes -= part.bytes;
  }

  /** From now on nobody takes it back. */
  #fix(part: Part): void {
    if (this.#revocable.delete(part)) this.#revocableBytes -= part.bytes;
  }
}
