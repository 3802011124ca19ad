import path from 'node:path';
import t from 'tap';
import { GroupCommit, type Session } from '../../src/locks/group-commit.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { makeLane } from '../support/lane.js';
import { makeScratch } from '../support/scratch.js';

class Counting implements Session {
  readonly decided: number[] = [];
  committed = false;

  async commit(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.committed = true;
  }
}

function make(folder: string, timeoutMs = 5_000, commit?: () => Promise<void>) {
  const sessions: Counting[] = [];
  const group = new GroupCommit<Counting>(
    makeLane(folder),
    async () => {
      const session = new Counting();
      if (commit) session.commit = commit;
      sessions.push(session);
      return session;
    },
    { timeoutMs, maxHoldMs: 50, maxBatch: 16 },
  );
  return { group, sessions };
}

t.test('writers that queue up share a commit, in the order of their arrival', async (t) => {
  const { group, sessions } = make(makeScratch(t));
  const numbers = Array.from({ length: 40 }, (_, index) => index);
  const answers = await Promise.all(
    numbers.map(
      async (number) =>
        await group.run((session) => {
          session.decided.push(number);
          return () => {
            t.ok(session.committed, 'answered after the commit');
            return number;
          };
        }),
    ),
  );
  t.same(answers, numbers);
  t.same(
    sessions.flatMap((session) => session.decided),
    numbers,
  );
  t.ok(sessions.length < 10, `${sessions.length} commits`);
  t.ok(sessions.every((session) => session.decided.length <= 16));
});

t.test('a decision that fails, or whose change fails, fails alone', async (t) => {
  const { group } = make(makeScratch(t));
  const outcomes = await Promise.allSettled([
    group.run(() => () => 'first'),
    group.run(() => {
      throw new Error('refused');
    }),
    group.run(() => () => {
      throw new Error('not written');
    }),
    group.run(() => () => 'last'),
  ]);
  t.match(outcomes, [
    { status: 'fulfilled', value: 'first' },
    { status: 'rejected', reason: { message: 'refused' } },
    { status: 'rejected', reason: { message: 'not written' } },
    { status: 'fulfilled', value: 'last' },
  ]);
});

t.test('a commit that fails answers its whole batch, and the next one is served', async (t) => {
  let broken = true;
  const { group } = make(makeScratch(t), 5_000, async () => {
    if (broken) throw new Error('disk');
  });
  const outcomes = await Promise.allSettled([group.run(() => () => 1), group.run(() => () => 2)]);
  t.ok(outcomes.every((outcome) => outcome.status === 'rejected'));
  broken = false;
  t.equal(await group.run(() => () => 3), 3);
});

t.test('waiting has a deadline that names the holder, and the lane works again once it is free', async (t) => {
  const folder = makeScratch(t);
  const lockPath = path.join(folder, 'cni.lock');
  const holder = await holdAsPodman(lockPath);
  const { group, sessions } = make(folder, 100);
  const late = await Promise.allSettled([group.run(() => () => 1), group.run(() => () => 2)]);
  for (const outcome of late) {
    t.match(outcome, {
      status: 'rejected',
      reason: {
        kind: 'busy',
        message: new RegExp(`waited 100 ms for ${lockPath}, held by process ${holder.pid} \\(python3`),
      },
    });
  }
  t.equal(sessions.length, 0, 'nothing was decided');
  await holder.release();
  t.equal(await group.run(() => () => 3), 3);
});
