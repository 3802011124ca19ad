import { comparePrefixes, formatCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import type { StoreMoment } from '../store/claim-store.js';
import type { FileBlock, FileContent } from './file-content.js';
import { FleetFileError, type FleetFile } from './fleet-file.js';

/** A change of one block: what becomes of it; undefined for a block that goes. */
export type BlockChange = readonly [block: Cidr, next: Omit<FileBlock, 'block'> | undefined];

/** The blocks of this host, in the durable file before they are in force. */
export class OwnBlocks {
  #content: FileContent;
  #inForce: readonly Cidr[];
  #isWritten: boolean;
  #failure: string | undefined;
  #writing: Promise<void> = Promise.resolve();
  readonly #listeners: ((own: readonly Cidr[]) => void)[] = [];

  constructor(private readonly file: Pick<FleetFile, 'content' | 'write'>) {
    this.#content = file.content;
    this.#inForce = inForceOf(file.content);
    this.#isWritten = file.content.blocks.length > 0;
  }

  /** Sorted. */
  get inForce(): readonly Cidr[] {
    return this.#inForce;
  }

  /** Sorted. */
  get blocks(): readonly FileBlock[] {
    return this.#content.blocks;
  }

  get instance(): string {
    return this.#content.instance;
  }

  /** When the store acknowledged the blocks last; undefined where it never did. */
  get known(): StoreMoment | undefined {
    const { clusterId, revision } = this.#content;
    return clusterId === undefined || revision === undefined ? undefined : { clusterId, revision };
  }

  /** Why the last write failed; undefined where it did not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  find(block: Cidr): FileBlock | undefined {
    const text = formatCidr(block);
    return this.#content.blocks.find((each) => formatCidr(each.block) === text);
  }

  onChange(listener: (own: readonly Cidr[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Writes the file where there is none yet, so that the instance outlives this process. @throws FleetFileError */
  async makeDurable(): Promise<void> {
    if (!this.#isWritten) await this.change([]);
  }

  /**
   * Changes blocks, in the file first. Blocks that go out of force are so at once, before the file has it, because no subnet may come from them.
   *
   * @throws FleetFileError; then the blocks are as they were, except that those that were to go out of force stay so until the next change
   */
  async change(changes: readonly BlockChange[], acknowledged?: StoreMoment): Promise<void> {
    const turn = this.#writing.then(async () => await this.#change(changes, acknowledged));
    this.#writing = turn.catch(() => undefined);
    await turn;
  }

  async #change(changes: readonly BlockChange[], acknowledged: StoreMoment | undefined): Promise<void> {
    const blocks = new Map(this.#content.blocks.map((each) => [formatCidr(each.block), each]));
    for (const [block, next] of changes) {
      if (next === undefined) blocks.delete(formatCidr(block));
      else blocks.set(formatCidr(block), { block, ...next });
    }
    const sorted = [...blocks.values()].toSorted((a, b) => comparePrefixes(a.block, b.block));
    const next: FileContent = { ...this.#content, ...acknowledged, blocks: sorted };
    const still = new Set(inForceOf(next).map(formatCidr));
    this.#show(this.#inForce.filter((block) => still.has(formatCidr(block))));
    try {
      await this.file.write(next);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      throw new FleetFileError(`the file of own blocks cannot be written: ${this.#failure}`, { cause: error });
    }
    this.#isWritten = true;
    this.#content = next;
    this.#show(inForceOf(next));
  }

  #show(inForce: readonly Cidr[]): void {
    if (inForce.length === this.#inForce.length && inForce.every((block, at) => block === this.#inForce[at])) return;
    this.#inForce = inForce;
    for (const listener of this.#listeners) listener(inForce);
  }
}

function inForceOf({ blocks }: FileContent): readonly Cidr[] {
  return blocks.filter(({ state }) => state === 'own').map(({ block }) => block);
}
