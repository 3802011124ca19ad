import path from 'node:path';

/**
 * What a disk may hold after a power cut: what was synced, and of everything later any part. Fed with the system calls of a daemon in their
 * order, it tells every state that a cut at this moment may leave.
 *
 * source: fsync(2); "All File Systems Are Not Created Equal", OSDI 2014, for the freedom that a file system takes
 */
export class DiskModel {
  /** Whether everything written to the file is on the disk. */
  readonly #synced = new Map<number, boolean>();
  readonly #texts = new Map<number, string>();
  /** Names in the folder as programs see them. */
  readonly #seen = new Map<string, number>();
  /** Names that are on the disk for sure. */
  #durable: ReadonlyMap<string, number> = new Map();
  /** Changes of names since the folder was synced. */
  #pending: NameChange[] = [];
  #files = 0;

  constructor(private readonly folder: string) {}

  create(target: string): void {
    if (!this.#isInside(target)) return;
    this.#files += 1;
    this.#synced.set(this.#files, true);
    this.#change({ set: [[path.basename(target), this.#files]] });
  }

  /** @param text as much of it as was recorded */
  write(target: string, text: string): void {
    const file = this.#fileOf(target);
    if (file === undefined) return;
    this.#synced.set(file, false);
    this.#texts.set(file, (this.#texts.get(file) ?? '') + text);
  }

  sync(target: string): void {
    if (target === this.folder) {
      this.#durable = applyAll(this.#durable, this.#pending);
      this.#pending = [];
      return;
    }
    const file = this.#fileOf(target);
    if (file !== undefined) this.#synced.set(file, true);
  }

  link(from: string, to: string): void {
    const file = this.#fileOf(from);
    if (file !== undefined && this.#isInside(to)) this.#change({ set: [[path.basename(to), file]] });
  }

  rename(from: string, to: string): void {
    const file = this.#fileOf(from);
    if (file === undefined) return;
    this.#change({ set: [[path.basename(to), file]], unset: path.basename(from) });
  }

  exchange(a: string, b: string): void {
    const [first, second] = [this.#fileOf(a), this.#fileOf(b)];
    if (first === undefined || second === undefined) return;
    this.#change({
      set: [
        [path.basename(a), second],
        [path.basename(b), first],
      ],
    });
  }

  unlink(target: string): void {
    if (this.#isInside(target)) this.#change({ unset: path.basename(target) });
  }

  /** Names and their files, for every subset of what was not synced; past the bound, a spread of them. */
  *statesAfterCut(): Generator<ReadonlyMap<string, FileAfterCut>> {
    for (const subset of subsetsOf(this.#pending)) {
      const names = applyAll(this.#durable, subset);
      yield new Map([...names].map(([name, file]) => [name, this.#describe(file)]));
    }
  }

  #describe(file: number): FileAfterCut {
    return { isWhole: this.#synced.get(file) ?? false, text: this.#texts.get(file) ?? '' };
  }

  #isInside(target: string): boolean {
    return path.dirname(target) === this.folder;
  }

  #fileOf(target: string): number | undefined {
    return this.#isInside(target) ? this.#seen.get(path.basename(target)) : undefined;
  }

  #change(change: NameChange): void {
    this.#pending.push(change);
    apply(this.#seen, change);
  }
}

export interface FileAfterCut {
  /** All that was written to it is there. */
  readonly isWhole: boolean;
  readonly text: string;
}

/** A rename sets and unsets at once, and an exchange sets two: file systems keep them together. */
interface NameChange {
  readonly set?: readonly (readonly [name: string, file: number])[];
  readonly unset?: string;
}

function apply(names: Map<string, number>, { set, unset }: NameChange): void {
  if (unset !== undefined) names.delete(unset);
  for (const [name, file] of set ?? []) names.set(name, file);
}

function applyAll(names: ReadonlyMap<string, number>, changes: readonly NameChange[]): ReadonlyMap<string, number> {
  const after = new Map(names);
  for (const change of changes) apply(after, change);
  return after;
}

/** 2^8 subsets at the most. */
const exhaustive = 8;

function* subsetsOf<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length <= exhaustive) {
    for (let mask = 0; mask < 2 ** items.length; mask += 1) yield items.filter((_, index) => (mask >> index) & 1);
    return;
  }
  yield [];
  yield items;
  for (let index = 0; index < items.length; index += 1) {
    yield items.slice(0, index);
    yield items.slice(index);
    yield items.filter((_, other) => other !== index);
    yield [items[index] as T];
  }
}
