import path from 'node:path';
import type { FileStamp } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { ChangeOutcome } from '../../host/files/folder-change.js';
import type { Claim } from '../../locks/group-commit.js';
import type { Held } from '../../locks/write-lane.js';
import type { AuditLog } from '../../model/audited-request.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { DecodedFile } from '../conflist/decode.js';
import { decodeWritten } from '../conflist/decode-written.js';
import { describeChanges } from './announced-changes.js';
import { toStored, type IndexedFile } from './indexed-file.js';
import type { NetworkIndex } from './network-index.js';
import type { PlannedChange } from './planned-names.js';

/** The folder that a commit changes, and the index over it. */
export interface DraftedFolder {
  readonly path: string;
  readonly files: Files;
  readonly index: NetworkIndex;
  /** Undefined where requests are not audited. */
  readonly audit: Pick<AuditLog, 'announce'> | undefined;
  /** Until {@link endChange} the index does not look at these files. */
  beginChange(fileNames: readonly string[]): void;
  /** Applies a durable change to the index without reading the file back, and reports it; `now` is undefined for a removed file. */
  settle(fileName: string, now: { readonly file: IndexedFile; readonly stamp: FileStamp } | undefined): void;
  /** The next refresh reads the files that did not settle. */
  endChange(): void;
}

/** A planned change of one file, and its outcome. */
export interface DraftChange extends PlannedChange {
  readonly fileName: string;
  /** Text of the new file; undefined for a removal. */
  readonly text: string | undefined;
  /** Temporary name that a removed file keeps until its bridges are gone; undefined when it can leave none. */
  readonly trace: string | undefined;
  outcome: StoredNetwork | NetworkError | 'removed' | undefined;
  readonly warnings: string[];
}

/** The changes that one decision planned. */
export interface DecidedChanges {
  readonly claim: Claim;
  changes: readonly DraftChange[];
}

/**
 * Makes changes durable, updates the index, and sets the outcome of each change.
 *
 * @returns decisions whose changes were not made, or were undone, without a fault of their own
 * @throws NetworkError busy, storage, when no change could begin
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
    const { audit } = folder;
    let described: ReturnType<typeof describeChanges> = [];
    // So a change without such a record never comes to be. Where new files are written, describing them fills the wait for the disk.
    const announce =
      audit &&
      (async () => {
        described = describeChanges(decided);
        const announced = described.filter((one) => one !== undefined);
        if (announced.length > 0) await audit.announce(announced);
      });
    const changing = folder.files.change(folder.path, decided.map(toGroup), announce);
    // Decoding fills the wait for the disk.
    const decoded = new Map(changes.map((change) => [change, change.text && decodeWritten(change.text)]));
    const outcomes = await changing;
    for (const [position, { changes: own }] of decided.entries()) {
      const audited = described[position];
      for (const [index, outcome] of (outcomes[position] ?? []).entries()) {
        const change = own[index];
        if (change === undefined) continue;
        conclude(folder, change, decoded.get(change) || undefined, outcome);
        const hashes = audited?.changes[index];
        if (hashes !== undefined && !(outcome instanceof NetworkError)) audited?.request.changes.push(hashes);
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
    changes: changes.map((change) => {
      const { fileName, before, text, trace } = change;
      const isThere = before?.path !== undefined;
      return {
        fileName,
        before: isThere ? before.decoded.text : undefined,
        after: text,
        trace,
        mtimeNs: keptTimeOf(change),
      };
    }),
  };
}

/** A network was created when its file was, and a change leaves that; files get their times in microseconds. */
export function keptTimeOf({ before, text }: DraftChange): bigint | undefined {
  const createdNs = text === undefined || before?.path === undefined ? undefined : before.decoded.network?.createdNs;
  return createdNs && (createdNs / 1_000n) * 1_000n;
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
  } else {
    const file = describeWritten(target, decoded, outcome.mtimeNs);
    if (!(file instanceof NetworkError)) folder.settle(fileName, { file, stamp: outcome });
    change.outcome = file instanceof NetworkError ? file : toStored(file);
  }
}

/** The file of a new network, from its text alone. @param target its absolute path @returns an error for a text that is no network */
export function describeWritten(
  target: string,
  decoded: DecodedFile | undefined,
  createdNs: bigint,
): IndexedFile | NetworkError {
  if (decoded?.network === undefined) {
    const reason = decoded?.problem?.reason ?? 'not a network';
    return new NetworkError('storageFailed', { path: target, operation: 'decode', reason });
  }
  const network = { ...decoded.network, createdNs };
  return { key: path.basename(target), path: target, decoded: { ...decoded, network } };
}
