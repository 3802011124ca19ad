import type { Asking, Edit, Request } from './commands.js';
import { expect } from './dialects.js';
import type { Call, Specification, Step } from './explain-history.js';
import { decide, type Outcome } from './decisions.js';
import { applyEdit, describeFolder, show, type Change, type Folder } from './folder-model.js';

/** What happened in a run with several clients. */
export type FolderOp =
  | (Asking & {
      readonly kind: 'ask';
      readonly id: number;
      /** The essence of the answer; undefined where the daemon ended over it. */
      readonly seen: string | undefined;
    })
  | { readonly kind: 'edit'; readonly edit: Edit }
  | { readonly kind: 'scan'; readonly files: readonly string[] };

export type FolderCall = Call<FolderOp>;

/** These are told by the request alone, whoever holds the lock. */
const needNoLook: ReadonlySet<string> = new Set(['nameInvalid', 'nameReserved', 'driverUnknown', 'filterUnknown']);

export const folderSpecification: Specification<Folder, FolderOp> = {
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
        yield* phase === 0 ? decideCall(folder, op) : showCall(folder, op);
    }
  },
};

type Ask = Extract<FolderOp, { readonly kind: 'ask' }>;

function* decideCall(folder: Folder, op: Ask): Generator<Step<Folder>> {
  const { request, seen, on, id } = op;
  // It may have ended before anything was done.
  if (seen === undefined) yield { state: folder, phase: undefined, silent: false };
  const { outcome, changes } = decide(folder, request);
  if (!isReader(request) && needsLane(outcome) && folder.changes.some(({ by }) => by !== on)) return;
  const isAnswer = seen === expect(request, outcome);
  if (changes.length === 0) {
    if (isAnswer) yield { state: folder, phase: undefined, silent: true };
  } else if (isAnswer || seen === undefined || collides(op, outcome)) {
    const decided = changes.map((change) => ({ ...change, by: on, call: id }));
    yield { state: { ...folder, changes: [...folder.changes, ...decided] }, phase: 1, silent: false };
  }
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

function needsLane(outcome: Outcome): boolean {
  return !('refused' in outcome && needNoLook.has(outcome.refused));
}

/** A file of somebody who takes no lock may come between the decision and the writing. */
function collides({ request, seen }: Ask, outcome: Outcome): boolean {
  return 'made' in outcome && seen === expect(request, { refused: 'fileExists', subject: outcome.made.key });
}
