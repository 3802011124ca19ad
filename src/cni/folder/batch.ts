import path from 'node:path';
import type { Claim, Session } from '../../locks/group-commit.js';
import type { Held } from '../../locks/write-lane.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { HostFacts } from '../../network/dependencies/draft.js';
import { renewBridges } from './renew-bridges.js';
import { clearBridges } from './clear-bridges.js';
import { FolderDraft, TooEarly, type DraftHost } from './draft.js';
import { commitChanges, type DecidedChanges, type DraftedFolder } from './folder-commit.js';

interface Decided extends DecidedChanges {
  /** The decision read a network that the batch is about to change. */
  isEarly: boolean;
  /** Why the commit failed before its first change. */
  failure: NetworkError | undefined;
}

const msInSecond = 1_000;

/** A draft of several decisions under the write lane, whose changes the commit makes durable. */
export class FolderBatch extends FolderDraft implements Session {
  readonly #decided: Decided[] = [];

  constructor(
    private readonly folder: DraftedFolder,
    private readonly bridgeHost: DraftHost,
    facts: HostFacts | undefined,
    private readonly held: Held,
  ) {
    super(folder.index, bridgeHost, facts);
  }

  attempt<T>(decide: () => () => T, claim: Claim): () => T {
    const from = this.changes.length;
    const decided: Decided = { claim, changes: [], isEarly: false, failure: undefined };
    this.#decided.push(decided);
    try {
      const read = decide();
      decided.changes = this.changes.slice(from);
      return () => {
        if (decided.failure !== undefined) throw decided.failure;
        return read();
      };
    } catch (error) {
      decided.isEarly = error instanceof TooEarly;
      this.forget(from);
      throw error;
    }
  }

  async commit(): Promise<ReadonlySet<number>> {
    const changing = this.#decided.filter(({ changes }) => changes.length > 0);
    if (changing.length === 0) return new Set();
    const unmade = await this.#change(changing);
    const firstFailed = this.#decided.findIndex(
      (decided) =>
        unmade.has(decided) ||
        decided.failure !== undefined ||
        decided.changes.some(({ outcome }) => outcome instanceof NetworkError),
    );
    const again = new Set<number>();
    for (const [position, decided] of this.#decided.entries()) {
      // A decision without a change may have read the change that failed before it.
      const mayDiffer = firstFailed !== -1 && position > firstFailed && decided.changes.length === 0;
      if (decided.isEarly || mayDiffer || unmade.has(decided)) again.add(position);
    }
    return again;
  }

  /** Removes the bridges under the lane, so that no network is created on a bridge that is about to go. */
  async finish(): Promise<void> {
    await clearBridges(this.changes, this.folder.index, this.bridgeHost);
    await renewBridges(this.changes, this.folder.index, this.bridgeHost);
    const { path: folder, files } = this.folder;
    for (const { trace, outcome } of this.changes)
      if (trace !== undefined && outcome === 'removed') files.discard(path.join(folder, trace));
  }

  async #change(changing: readonly Decided[]): Promise<ReadonlySet<DecidedChanges>> {
    const begun = performance.now();
    try {
      return await commitChanges(this.folder, changing, this.held);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      for (const decided of changing) decided.failure = error;
      return new Set();
    } finally {
      const changes = changing.reduce((sum, decided) => sum + decided.changes.length, 0);
      this.bridgeHost.onPublished?.((performance.now() - begun) / msInSecond, changes);
    }
  }
}
