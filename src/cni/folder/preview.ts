import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import { findHindrance } from '../../host/files/folder-use.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { Draft, NetworkWriter, Want } from '../../network/dependencies/draft.js';
import { decodeWritten } from '../conflist/decode-written.js';
import type { BatchHost } from './draft.js';
import { describeWritten, keptTimeOf, type DraftChange } from './folder-commit.js';
import { toStored } from './indexed-file.js';
import type { NetworkStore } from './store.js';

/**
 * Runs each decision on a draft of its own that is not committed: it takes no lock, writes nothing, and asks only what a reader may ask. Its
 * answer is that of a change whose every write succeeds.
 */
export class FolderPreview implements NetworkWriter {
  constructor(
    private readonly store: Pick<NetworkStore, 'folder' | 'gather' | 'draft'>,
    private readonly host: BatchHost,
    private readonly files: Pick<Files, 'isTaken'>,
    private readonly now: () => bigint = nowNs,
  ) {}

  /** @throws NetworkError storage, also for a folder that cannot be changed, and any error of the decision */
  async run<T>(decide: (draft: Draft) => () => T, wants?: Want): Promise<T> {
    const facts = await this.store.gather(new Set([wants]), this.host);
    const draft = this.store.draft(this.host, facts);
    const read = decide(draft);
    if (draft.changes.length > 0) this.#refuseHindered();
    for (const change of draft.changes) change.outcome = this.#foresee(change);
    return read();
  }

  #refuseHindered(): void {
    const { folder } = this.store;
    const hindrance = findHindrance(folder);
    if (hindrance === undefined) return;
    throw new NetworkError('storageFailed', { path: folder, operation: hindrance.act, reason: hindrance.reason });
  }

  #foresee(change: DraftChange): DraftChange['outcome'] {
    const { fileName, text, before } = change;
    if (text === undefined) return 'removed';
    const target = path.join(this.store.folder, fileName);
    // A file that podnetd cannot use has the name too.
    if (before?.path === undefined && this.files.isTaken(target))
      return new NetworkError('fileExists', { path: target });
    const file = describeWritten(target, decodeWritten(text), keptTimeOf(change) ?? this.now());
    return file instanceof NetworkError ? file : toStored(file);
  }
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
