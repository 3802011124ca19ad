import path from 'node:path';
import t from 'tap';
import { GroupCommit, type Claim, type Session } from '../../src/locks/group-commit.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { makeLane } from '../support/lane.js';
import { makeScratch } from '../support/scratch.js';

class Counting implements Session {
  readonly decided: number[] = [];
  committed = false;

  readonly claims: Claim[] = [];

  attempt<T>(decide: () => () => T, claim: Claim): () => T {
    this.claims.push(claim);
    return decide();
  }

  async commit(): Promise<ReadonlySet<number>> {
    await new Promise((resolve) => setImmediate(resolve));
    this.committed = true;
    return new Set();
  }

  async finish(): Promise<void> {
    await Promise.resolve();
  }
}

function make(folder: string, timeoutMs = 5_000, more: Partial<Counting> = {}) {
  const sessions: Counting[] = [];
  const group = new GroupCommit<Counting>(
    makeLane(folder),
    async () => {
      const session = new Counting();
      Object.assign(session, more);
      sessions.push(session);
      return session;
    },
    { timeoutMs, maxHoldMs: 50, maxBatch: 16 },
  );
  return { group, sessions };
}

t.test('queued writers share a commit, in the order of their arrival', async (t) => {
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

t.test('writers that arrive in successive turns of the event loop share a commit', async (t) => {
  const { group, sessions } = make(makeScratch(t));
  const answers: Promise<number>[] = [];
  for (let number = 0; number < 8; number += 1) {
    answers.push(
      group.run((session) => {
        session.decided.push(number);
        return () => number;
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(answers);
  // The first batch may begin a turn earlier or later.
  t.ok(sessions.length <= 2, `${sessions.length} commits`);
});

t.test('a failed decision, or one whose change fails, fails alone', async (t) => {
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

t.test('a failed commit fails its whole batch, but not the next batch', async (t) => {
  let broken = true;
  const { group } = make(makeScratch(t), 5_000, {
    commit: async () => {
      if (broken) throw new Error('disk');
      return await Promise.resolve(new Set<number>());
    },
  });
  const outcomes = await Promise.allSettled([group.run(() => () => 1), group.run(() => () => 2)]);
  t.ok(outcomes.every((outcome) => outcome.status === 'rejected'));
  broken = false;
  t.equal(await group.run(() => () => 3), 3);
});

t.test('a writer past its deadline gets an error with the holder, and the free lane works again', async (t) => {
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
  t.equal(sessions.length, 0, 'no session began');
  await holder.release();
  t.equal(await group.run(() => () => 3), 3);
});

t.test('writers behind a failed change are decided again, each alone, and before later ones', async (t) => {
  const order: string[] = [];
  const { group, sessions } = make(makeScratch(t), 5_000, {
    async commit(this: Counting) {
      await new Promise((resolve) => setImmediate(resolve));
      // Every writer of the batch but the first.
      return new Set(this.claims.flatMap((_, position) => (position > 0 ? [position] : [])));
    },
  });
  const run = async (name: string) =>
    await group.run((session) => {
      session.decided.push(order.length);
      order.push(name);
      return () => name;
    });
  t.same(await Promise.all(['a', 'b', 'c', 'd'].map(run)), ['a', 'b', 'c', 'd']);
  t.same(order, ['a', 'b', 'c', 'd', 'b', 'c', 'd']);
  t.same(
    sessions.map(({ decided }) => decided.length),
    [4, 1, 1, 1],
  );
});

t.test('a writer gets a refusal only when the changes before it are durable', async (t) => {
  const { group, sessions } = make(makeScratch(t));
  const [, refusal] = await Promise.allSettled([
    group.run(() => () => 1),
    group
      .run(() => {
        throw new Error('refused');
      })
      .catch((error: unknown) => {
        t.ok(sessions[0]?.committed);
        throw error;
      }),
  ]);
  t.match(refusal, { status: 'rejected', reason: { message: 'refused' } });
});

t.test('the deadline holds during a commit, and the late change is not accepted', async (t) => {
  let isAccepted: boolean | undefined;
  const { group } = make(makeScratch(t), 100, {
    async commit(this: Counting) {
      const [claim] = this.claims;
      while (claim?.isWaiting() === true) await new Promise((resolve) => setTimeout(resolve, 5));
      isAccepted = claim?.accept();
      return new Set<number>();
    },
  });
  await t.rejects(
    group.run(() => () => 1),
    { kind: 'busy', message: /podnetd itself is still writing .*: waited 100 ms/ },
  );
  t.equal(await group.run(() => () => 2).catch(() => 'late too'), 'late too');
  t.equal(isAccepted, false);
});

t.test('work after a durable change does not delay the answer beyond the deadline', async (t) => {
  let release = () => {};
  const { group } = make(makeScratch(t), 100, {
    async commit(this: Counting) {
      for (const claim of this.claims) claim.accept();
      return await Promise.resolve(new Set<number>());
    },
    finish: async () => await new Promise<void>((resolve) => (release = resolve)),
  });
  t.equal(await group.run(() => () => 'done'), 'done');
  release();
});
