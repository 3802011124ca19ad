import path from 'node:path';

/**
 * The states of a disk after a power cut: all that was synced, and any part of later changes. The model takes the system calls of a daemon in their
 * order, and yields every state that a cut at this moment may leave.
 *
 * source: fsync(2); "All File Systems Are Not Created Equal", OSDI 2014, for the freedom that a file system takes
 */
export class DiskModel {
  /** By file, whether everything written to it is on the disk. */
  readonly #synced = new Map<number, boolean>();
  readonly #texts = new Map<number, string>();
  /** Names in the folder as programs see them. */
  readonly #seen = new Map<string, number>();
  /** Names that are on the disk after a power cut. */
  #durable: ReadonlyMap<string, number> = new Map();
  /** Changes of names since the last sync of the folder. */
  #pending: NameChange[] = [];
  #files = 0;

  constructor(private readonly folder: string) {}

  create(target: string): void {
    if (!this.#isInside(target)) return;
    this.#files += 1;
    this.#synced.set(this.#files, true);
    this.#change({ set: [[path.basename(target), this.#files]] });
  }

  /** @param text the recorded part of the written text */
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

  /** Names and their files, for every subset of the changes that are not synced; beyond the bound, for a choice of subsets. */
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
  /** Whether everything written to the file is there. */
  readonly isWhole: boolean;
  readonly text: string;
}

/** A change that file systems make as a whole: a rename sets and unsets a name, an exchange sets two names. */
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

/** Number of changes up to which all subsets are tried: 2^8 at most. */
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
