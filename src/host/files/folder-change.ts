import * as fs from 'node:fs';
import path from 'node:path';
import { NetworkError } from '../../model/errors/errors.js';
import { inTurns } from '../own-process/event-loop.js';
import type { FileStamp } from './file-stamp.js';
import { makeChange, type MadeChange, type NameChange } from './name-change.js';
import { extendReason, storageError } from '../native-error.js';
import { syncFolder } from './sync-folder.js';
import { discard, stageFile, type StagedFile } from './temporary-file.js';

/** Changes that were decided together and are made, or undone, together. */
export interface ChangeGroup {
  readonly changes: readonly NameChange[];
  /** False once the caller has given the group up. */
  isWaiting(): boolean;
  /** Is called once, when the whole batch is durable. @returns false to have the group undone */
  accept(): boolean;
}

/** The stamp of a new file, durable in its place; undefined for a durable removal; or the error for which the name is as it was. */
export type ChangeOutcome = FileStamp | undefined | NetworkError;

/** One outcome per change, in their order; undefined for a group that was not made, or was undone, without a fault of its own. */
export type GroupOutcome = readonly ChangeOutcome[] | undefined;

interface Attempt {
  readonly change: NameChange;
  staged: StagedFile | NetworkError | undefined;
  made: MadeChange | undefined;
  /** `none` while the change was not tried, or after it was undone without a fault. */
  outcome: ChangeOutcome | 'none';
}

interface GroupAttempt {
  readonly group: ChangeGroup;
  readonly attempts: readonly Attempt[];
}

/**
 * Makes groups of changes in a folder with one fsync of the folder for all. Each new file is there whole and durable, or not at all; each
 * removal is durable, or the name is as it was. A file that another program put there meanwhile is neither overwritten nor removed.
 *
 * The groups are made in their order. A group may rest on those before it, so none is made behind one that failed or was given up.
 *
 * @param announce no change is made before it resolves, and none at all when it rejects
 * @returns one outcome per group, in their order @throws the error of `announce`
 */
export async function changeFolder(
  folder: string,
  groups: readonly ChangeGroup[],
  announce?: () => Promise<void>,
): Promise<readonly GroupOutcome[]> {
  const tried = groups.map((group): GroupAttempt => ({ group, attempts: group.changes.map(plan) }));
  const attempts = tried.flatMap((group) => group.attempts);
  const staging = await inTurns(attempts, async (attempt) => await stage(folder, attempt));
  // Begun behind the writes of the files, the wait for the disk is one for all.
  const announcing = announce?.().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  await Promise.all(staging);
  const refusal = await announcing;
  if (refusal !== undefined) {
    for (const { staged } of attempts) if (isStaged(staged)) discard(staged.temporary);
    throw refusal.error;
  }
  await makeAll(folder, tried);
  if (attempts.some(isMade)) {
    try {
      await syncFolder(folder);
    } catch (error) {
      // The disk may hold anything now, because the kernel reports a failed write only once: a second fsync may return without it.
      const failure = storageError('fsync', folder, error);
      for (const attempt of attempts.toReversed()) takeBack(attempt, (left) => extendReason(failure, left));
    }
    await takeBackUnwanted(folder, tried);
    // All in one turn of the event loop: a client that sees the first change through another podnetd may ask this one for all of them.
    for (const attempt of attempts) if (attempt.made !== undefined) attempt.outcome = attempt.made.finish();
  }
  return tried.map(outcomeOf);
}

function plan(change: NameChange): Attempt {
  return { change, staged: undefined, made: undefined, outcome: 'none' };
}

async function stage(folder: string, attempt: Attempt): Promise<void> {
  const { fileName, before, after, mtimeNs } = attempt.change;
  if (after === undefined) return;
  try {
    const like = before === undefined ? undefined : statOf(path.join(folder, fileName));
    attempt.staged = await stageFile(folder, after, { mode: like === undefined ? 0o644 : 0o600, like, mtimeNs });
  } catch (error) {
    attempt.staged = storageError('write', path.join(folder, fileName), error);
  }
}

function statOf(target: string): fs.Stats | undefined {
  return fs.statSync(target, { throwIfNoEntry: false });
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

/** Undoes the first group that its caller does not accept, and every group behind it. */
async function takeBackUnwanted(folder: string, tried: readonly GroupAttempt[]): Promise<void> {
  const first = tried.findIndex(({ group, attempts }) => attempts.some(isMade) && !group.accept());
  if (first === -1) return;
  const unwanted = tried.slice(first).flatMap(({ attempts }) => attempts.filter(isMade));
  for (const attempt of unwanted.toReversed()) {
    takeBack(attempt, (left) =>
      left === undefined ? 'none' : extendReason(storageError('fsync', folder, late), left),
    );
  }
  try {
    await syncFolder(folder);
  } catch (error) {
    for (const attempt of unwanted)
      if (attempt.outcome === 'none') attempt.outcome = storageError('fsync', folder, error);
  }
}

const late = new Error('the change took longer than its caller waits');

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
