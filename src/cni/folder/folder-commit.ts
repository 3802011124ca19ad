import path from 'node:path';
import type { FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { ChangeOutcome } from '../../host/files/folder-change.js';
import type { Claim } from '../../locks/group-commit.js';
import type { Held } from '../../locks/write-lane.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import { decodeFile, type DecodedFile } from '../conflist/decode.js';
import { toStored, type IndexedFile, type NetworkIndex } from './network-index.js';
import type { PlannedChange } from './planned-names.js';

/** The folder that is changed, and the index over it. */
export interface DraftedFolder {
  readonly path: string;
  readonly files: Files;
  readonly index: NetworkIndex;
  /** Until the end, what is seen of these files counts for nothing. */
  beginChange(fileNames: readonly string[]): void;
  /** Moves the index forward over a change that is durable, without reading it back; undefined for a file that is gone. */
  settle(fileName: string, now: { readonly file: IndexedFile; readonly stamp: FileStamp } | undefined): void;
  /** Files that did not settle are as they were. */
  endChange(): void;
}

/** A planned change of one file, and what became of it. */
export interface DraftChange extends PlannedChange {
  readonly fileName: string;
  /** Of the new file. */
  readonly text: string | undefined;
  /** Temporary name of a file that goes, until its bridges are gone; undefined where it names none. */
  readonly trace: string | undefined;
  outcome: StoredNetwork | NetworkError | 'removed' | undefined;
  readonly warnings: string[];
}

/** Changes that one decision planned. */
export interface DecidedChanges {
  readonly claim: Claim;
  changes: readonly DraftChange[];
}

/**
 * Makes changes durable, moves the index, and notes the outcome in each change.
 *
 * @returns what was not made, or was taken back, without a fault of its own
 * @throws NetworkError busy, storage, when nothing could be begun
 */
export async function commitChanges(
  folder: DraftedFolder,
  decided: readonly DecidedChanges[],
  held: Held,
): Promise<ReadonlySet<DecidedChanges>> {
  const changes = decided.flatMap((decision) => decision.changes);
  folder.files.makeFolder(folder.path);
  if (!held.isValid()) throw new NetworkError('laneLost', { folder: folder.path });
  folder.beginChange(changes.map(({ fileName }) => fileName));
  try {
    const changing = folder.files.change(folder.path, decided.map(toGroup));
    // While the disk is waited for.
    const decoded = new Map(changes.map((change) => [change, change.text && decodeFile(change.text, true, 0n)]));
    const outcomes = await changing;
    for (const [position, { changes: own }] of decided.entries()) {
      for (const [index, outcome] of (outcomes[position] ?? []).entries()) {
        const change = own[index];
        if (change !== undefined) conclude(folder, change, decoded.get(change) || undefined, outcome);
      }
    }
    return new Set(decided.filter((_, position) => outcomes[position] === undefined));
  } finally {
    folder.endChange();
  }
}

function toGroup({ claim, changes }: DecidedChanges) {
  return {
    isWaiting: () => claim.isWaiting(),
    accept: () => claim.accept(),
    changes: changes.map(({ fileName, before, text, trace }) => {
      return { fileName, before: before?.decoded.text, after: text, trace };
    }),
  };
}

function conclude(
  folder: DraftedFolder,
  change: DraftChange,
  decoded: DecodedFile | undefined,
  outcome: ChangeOutcome,
): void {
  const { fileName } = change;
  const target = path.join(folder.path, fileName);
  if (outcome instanceof NetworkError) {
    change.outcome = outcome;
  } else if (outcome === undefined) {
    folder.settle(fileName, undefined);
    change.outcome = 'removed';
  } else if (decoded?.network === undefined) {
    const reason = decoded?.problem?.reason ?? 'not a network';
    change.outcome = new NetworkError('storageFailed', { path: target, operation: 'decode', reason });
  } else {
    const network = { ...decoded.network, createdNs: outcome.mtimeNs };
    const file = { key: fileName, path: target, decoded: { ...decoded, network } };
    folder.settle(fileName, { file, stamp: outcome });
    change.outcome = toStored(file);
  }
}
