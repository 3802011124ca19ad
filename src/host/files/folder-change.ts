import path from 'node:path';
import { NetworkError } from '../../model/errors/errors.js';
import { inTurns } from '../own-process/event-loop.js';
import type { FileStamp } from './file-stamp.js';
import { extend, makeChange, type MadeChange, type NameChange } from './name-change.js';
import { storageError } from '../native-error.js';
import { syncFolder } from './sync-folder.js';
import { discard, stageFile, type StagedFile } from './temporary-file.js';

/** Changes that were decided on together. */
export interface ChangeGroup {
  readonly changes: readonly NameChange[];
  /** False once it is not wanted any more. */
  isWaiting(): boolean;
  /** Asked once, when all is durable. @returns false to have it taken back */
  accept(): boolean;
}

/** The stamp of a new file, in place and durable; undefined for a name that is gone for good; or why the name is as it was. */
export type ChangeOutcome = FileStamp | undefined | NetworkError;

/** One outcome a change, in the order given; undefined for a group that was not made, or was taken back, without a fault of its own. */
export type GroupOutcome = readonly ChangeOutcome[] | undefined;

interface Attempt {
  readonly change: NameChange;
  staged: StagedFile | NetworkError | undefined;
  made: MadeChange | undefined;
  /** `none` where nothing was tried, or where it was taken back without a fault. */
  outcome: ChangeOutcome | 'none';
}

interface GroupAttempt {
  readonly group: ChangeGroup;
  readonly attempts: readonly Attempt[];
}

/**
 * Changes a folder so that each new file is there whole and durable, or not at all, and each name that goes is gone for good, or as it was; a
 * file that another program put there meanwhile is neither overwritten nor removed. The groups are made in their order, and none behind one
 * of which something failed, or that is not wanted any more: it may rest on that. All share one fsync of the folder.
 */
export async function changeFolder(folder: string, groups: readonly ChangeGroup[]): Promise<readonly GroupOutcome[]> {
  const tried = groups.map((group): GroupAttempt => ({ group, attempts: group.changes.map(plan) }));
  const attempts = tried.flatMap((group) => group.attempts);
  await Promise.all(await inTurns(attempts, async (attempt) => await stage(folder, attempt)));
  await makeAll(folder, tried);
  if (attempts.some(isMade)) {
    try {
      await syncFolder(folder);
    } catch (error) {
      // The disk may hold anything now: the kernel reports a failed write once, and a second fsync may pass over it.
      const failure = storageError('fsync', folder, error);
      for (const attempt of attempts.toReversed()) takeBack(attempt, (left) => extend(failure, left));
    }
    await takeBackUnwanted(folder, tried);
    // At one moment, as the caller's index is to move: a neighbour who sees the first change may ask here for all of them.
    for (const attempt of attempts) if (attempt.made !== undefined) attempt.outcome = attempt.made.finish();
  }
  return tried.map(outcomeOf);
}

function plan(change: NameChange): Attempt {
  return { change, staged: undefined, made: undefined, outcome: 'none' };
}

async function stage(folder: string, attempt: Attempt): Promise<void> {
  const { fileName, after, mode = 0o644 } = attempt.change;
  if (after === undefined) return;
  try {
    attempt.staged = await stageFile(folder, after, mode);
  } catch (error) {
    attempt.staged = storageError('write', path.join(folder, fileName), error);
  }
}

async function makeAll(folder: string, tried: readonly GroupAttempt[]): Promise<void> {
  const steps = tried.flatMap((of) => of.attempts.map((attempt) => ({ of, attempt })));
  let current: GroupAttempt | undefined;
  let isCut = false;
  await inTurns(steps, ({ of, attempt }) => {
    if (of !== current) {
      isCut ||=
        current?.attempts.some(({ outcome }) => outcome instanceof NetworkError) === true || !of.group.isWaiting();
      current = of;
    }
    if (!isCut) make(folder, attempt);
    else if (isStaged(attempt.staged)) discard(attempt.staged.temporary);
  });
}

function make(folder: string, attempt: Attempt): void {
  const { change, staged } = attempt;
  try {
    if (staged instanceof NetworkError) throw staged;
    attempt.made = makeChange(folder, change, staged);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    attempt.outcome = error;
  }
}

/** From the first group on that is not wanted any more. */
async function takeBackUnwanted(folder: string, tried: readonly GroupAttempt[]): Promise<void> {
  const first = tried.findIndex(({ group, attempts }) => attempts.some(isMade) && !group.accept());
  if (first === -1) return;
  const unwanted = tried.slice(first).flatMap(({ attempts }) => attempts.filter(isMade));
  for (const attempt of unwanted.toReversed()) {
    takeBack(attempt, (left) => (left === undefined ? 'none' : extend(storageError('fsync', folder, late), left)));
  }
  try {
    await syncFolder(folder);
  } catch (error) {
    for (const attempt of unwanted)
      if (attempt.outcome === 'none') attempt.outcome = storageError('fsync', folder, error);
  }
}

const late = new Error('it took longer than its caller waits');

function takeBack(attempt: Attempt, judge: (left: string | undefined) => Attempt['outcome']): void {
  if (attempt.made === undefined) return;
  attempt.outcome = judge(attempt.made.undo());
  attempt.made = undefined;
}

function isMade({ made }: Attempt): boolean {
  return made !== undefined;
}

function isStaged(staged: Attempt['staged']): staged is StagedFile {
  return staged !== undefined && !(staged instanceof NetworkError);
}

function outcomeOf({ attempts }: GroupAttempt): GroupOutcome {
  const outcomes = attempts.map(({ outcome }) => outcome);
  return outcomes.includes('none') ? undefined : (outcomes as readonly ChangeOutcome[]);
}
