import type { DiskFault } from '../../support/faulty-disk.js';
import type { Asking, Edit, Request } from './commands.js';
import { expect } from './dialects.js';
import type { Call, Specification, Step } from './explain-history.js';
import { decide, type Decision, type Outcome } from './decisions.js';
import { applyEdit, describeFolder, show, type Change, type Folder, type ModelFile } from './folder-model.js';
import { allIsWell, mayFail, type Circumstances } from './storage-failures.js';

/** An operation in a run with several clients. */
export type FolderOp =
  | (Asking & {
      readonly kind: 'ask';
      readonly id: number;
      /** The essence of the answer; undefined where the daemon ended before it. */
      readonly seen: string | undefined;
      /** Whether the answer is an error. */
      readonly isRefusal: boolean;
      /** Parts of the answer that report a failed disk. */
      readonly failures: readonly string[];
    })
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'scan'; readonly files: readonly string[] };

export type FolderCall = Call<FolderOp>;

/** Refusals that depend only on the request, and so do not wait for the lock. */
const needNoLook: ReadonlySet<string> = new Set(['nameInvalid', 'nameReserved', 'driverUnknown', 'filterUnknown']);

/** @param circumstances failures of storage that may refuse a request, which then has changed nothing */
export function specifyFolder(circumstances: Circumstances = allIsWell): Specification<Folder, FolderOp> {
  return {
    describe: describeFolder,
    *steps(folder, op, phase) {
      switch (op.kind) {
        case 'edit':
          yield { state: applyEdit(folder, op.edit), phase: undefined, silent: false };
          return;
        case 'scan': {
          const isSeen = [...folder.files.keys()].toSorted().join() === op.files.join();
          if (isSeen && folder.changes.length === 0) yield { state: folder, phase: undefined, silent: true };
          return;
        }
        case 'ask':
          if (op.failures.some((failure) => !mayFail(op, failure, circumstances))) return;
          if (op.isRefusal && op.failures.length > 0) yield { state: folder, phase: undefined, silent: true };
          else yield* phase === 0 ? decideCall(folder, op, circumstances) : showCall(folder, op);
      }
    },
  };
}

type Ask = Extract<FolderOp, { readonly kind: 'ask' }>;

function* decideCall(folder: Folder, op: Ask, { disks, unreadable }: Circumstances): Generator<Step<Folder>> {
  const { request, seen, on, id } = op;
  // The daemon may have ended before any change.
  if (seen === undefined) yield { state: folder, phase: undefined, silent: false };
  const { outcome, changes } = pruneInPart(decide(folder, request), op, disks[on] ?? []);
  // A change of labels needs no leases.
  if (request.kind !== 'update' && changes.some(({ remove }) => unreadable.includes(remove?.name ?? ''))) return;
  if (!isReader(request) && needsLane(outcome) && folder.changes.some(({ by }) => by !== on)) return;
  const isAnswer = seen === expect(request, outcome);
  if (changes.length === 0) {
    if (isAnswer) yield { state: folder, phase: undefined, silent: !mayChangeLater(request) };
  } else if (isAnswer || seen === undefined || collides(op, outcome)) {
    const decided = changes.map((change) => ({ ...change, by: on, call: id }));
    yield { state: { ...folder, changes: [...folder.changes, ...decided] }, phase: 1, silent: false };
  }
}

/** A prune reports the removed networks, those at which it looked twice last, and warns of each network that it could not remove. */
function pruneInPart(
  decision: Decision,
  { request, failures, seen = '{}' }: Ask,
  disk: readonly DiskFault[],
): Decision {
  const { outcome, changes } = decision;
  if (request.kind !== 'prune' || disk.length === 0 || !('removed' in outcome)) return decision;
  const { pruned = [] } = JSON.parse(seen) as { readonly pruned?: readonly string[] };
  const positionOf = ({ name = '' }: ModelFile) => pruned.indexOf(name);
  const isGone = (file: ModelFile) =>
    positionOf(file) >= 0 ||
    !failures.some((failure) => failure.split(/[ :]/).some((word) => word.endsWith(`/${file.key}`)));
  return {
    outcome: { removed: outcome.removed.filter(isGone).toSorted((a, b) => positionOf(a) - positionOf(b)) },
    changes: changes.filter(({ remove }) => remove !== undefined && isGone(remove)),
  };
}

function* showCall(folder: Folder, op: Ask): Generator<Step<Folder>> {
  const own = folder.changes.filter(({ call }) => call === op.id);
  const isCut = op.seen === undefined;
  if (isCut) yield { state: without(folder, own), phase: undefined, silent: false };
  for (const change of own) {
    const shown = show(folder, change);
    const isRefused = change.add !== undefined && collides(op, { made: change.add });
    const state = shown ?? without(folder, [change]);
    if (!isCut && isRefused !== (shown === undefined)) continue;
    yield { state, phase: own.length > 1 ? 1 : undefined, silent: false };
  }
}

function without(folder: Folder, changes: readonly Change[]): Folder {
  return { ...folder, changes: folder.changes.filter((change) => !changes.includes(change)) };
}

function isReader({ kind }: Request): boolean {
  return kind === 'inspect' || kind === 'exists' || kind === 'list';
}

/** Whether the same answer may also report a change: the request may have come before or after others that asked for the same. */
function mayChangeLater(request: Request): boolean {
  return request.kind === 'update' || (request.kind === 'create' && request.mayExist);
}

function needsLane(outcome: Outcome): boolean {
  return !('refused' in outcome && needNoLook.has(outcome.refused));
}

/** Whether a file by a program without the lock came between the decision and the write. */
function collides({ request, seen }: Ask, outcome: Outcome): boolean {
  const made = 'made' in outcome ? outcome.made : 'updated' in outcome ? outcome.updated : undefined;
  return made !== undefined && seen === expect(request, { refused: 'fileExists', subject: made.key });
}
