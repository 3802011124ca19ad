import * as fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Answer } from '../support/client.js';
import { makeHost } from '../support/host.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { anyCommand, anyOwnFiles, type Command, type Edit, type Request } from './model/commands.js';
import { decide, type Decision } from './model/decisions.js';
import { expect, read } from './model/dialects.js';
import { explainHistory } from './model/explain-history.js';
import { startFleet, type Fleet } from './model/fleet.js';
import { folderSpecification, type FolderCall, type FolderOp } from './model/folder-history.js';
import { applyEdit, emptyFolder, show, type Folder } from './model/folder-model.js';
import { clear, doEdit, listFiles } from './model/outsider.js';

/**
 * Random requests in all three dialects to several daemons on one folder, edits by somebody who takes no lock, and restarts and kills:
 * each answer must be the model's. A failure prints the seed and the shortest sequence found; `PODNETD_TEST_SEED` runs it again.
 */

const daemons = 3;
/** A shorter plan fails by chance again, or does not. */
const attemptsAfterFailure = 15;
const shorteningMs = rounds(40_000, 300_000);

const skip = missing('ip', 'nsenter', 'unshare');
const givenSeed = process.env['PODNETD_TEST_SEED'];
const seed = givenSeed === undefined ? {} : { seed: Number(givenSeed) };

const list: Request = { kind: 'list', dialect: 'libpod-v4', filters: [] };

t.test('one request after another', { skip, timeout: 7_200_000 }, async (t) => {
  const fleet = await startFleet(t, await makeHost(t), daemons);
  const anySequence = fc.array(anyCommand(daemons, { inPlace: true }), { maxLength: 40, size: 'max' });
  const tally = new Tally();
  await check(anySequence, rounds(30, 3_000), async (commands) => await runInTurn(fleet, commands, tally), 1);
  tally.check(t);
});

t.test('requests side by side', { skip, timeout: 7_200_000 }, async (t) => {
  const fleet = await startFleet(t, await makeHost(t), daemons);
  const anyClient = fc.array(anyCommand(daemons, { inPlace: false }), { maxLength: 5, size: 'max' });
  const anyPlan = fc.record(
    {
      given: anyOwnFiles,
      clients: fc.array(anyClient, { minLength: 2, maxLength: 6, size: 'max' }),
      crowded: fc.boolean(),
    },
    { noNullPrototype: true },
  );
  const tally = new Tally();
  const largest = { calls: 0, states: 0 };
  const run = async (plan: Plan) => {
    const calls = await runSideBySide(fleet, plan, tally);
    const { explained, order, state, visited } = explainHistory(calls, emptyFolder, folderSpecification);
    largest.calls = Math.max(largest.calls, calls.length);
    largest.states = Math.max(largest.states, visited);
    if (!explained) throw new Error(tell(calls, order, state));
  };
  await check(anyPlan, rounds(50, 6_000), run, attemptsAfterFailure);
  tally.check(t);
  t.comment('largest history', largest);
});

interface Plan {
  readonly given: readonly Edit[];
  readonly clients: readonly (readonly Command[])[];
  /** The lock is held until every client's first request waits for it, so that daemons decide on several at once. */
  readonly crowded: boolean;
}

/** For requests to come to where the lock is waited for. */
const crowdingMs = 10;

/** How often each kind of request was done and refused, so that nobody takes a run in which nothing happened for a good one. */
class Tally {
  readonly #counts = new Map<Request['kind'], { done: number; refused: number }>();

  add({ kind }: Request, { status }: Answer): void {
    const counts = this.#counts.get(kind) ?? { done: 0, refused: 0 };
    counts[status < 300 ? 'done' : 'refused'] += 1;
    this.#counts.set(kind, counts);
  }

  check(t: Test): void {
    for (const kind of ['create', 'inspect', 'exists', 'remove', 'list', 'prune'] as const) {
      const { done, refused } = this.#counts.get(kind) ?? { done: 0, refused: 0 };
      t.ok(done > 0, `${kind}: ${done} done, ${refused} refused`);
    }
  }
}

/** @param attempts at each shorter case @throws Error with the seed, the shortest case and what was wrong with it */
async function check<T>(
  arbitrary: fc.Arbitrary<T>,
  numRuns: number,
  run: (value: T) => Promise<void>,
  attempts: number,
): Promise<void> {
  let failedAt: number | undefined;
  const property = fc.asyncProperty(arbitrary, async (value) => {
    if (failedAt !== undefined && performance.now() - failedAt > shorteningMs) return;
    try {
      for (let attempt = failedAt === undefined ? 1 : attempts; attempt > 0; attempt -= 1) await run(value);
    } catch (error) {
      failedAt ??= performance.now();
      throw error;
    }
  });
  await fc.assert(property, { numRuns, ...seed });
}

async function runInTurn(fleet: Fleet, commands: readonly Command[], tally: Tally): Promise<void> {
  clear(fleet.folder);
  let folder = emptyFolder;
  const everywhere = Array.from({ length: daemons }, (_, on): Command => ({ on, request: list }));
  for (const [index, command] of [...commands, ...everywhere].entries()) {
    if ('edit' in command) {
      doEdit(fleet.folder, command);
      folder = applyEdit(folder, command);
    } else if ('restart' in command) {
      await fleet.restart(command);
    } else {
      const answer = await fleet.ask(command);
      if (answer === undefined || answer === 'cut') throw new Error(`command ${index} had no answer`);
      tally.add(command.request, answer);
      const { expected, after } = predict(folder, command.request);
      const seen = read(command.request, answer);
      if (seen !== expected) {
        throw new Error(`command ${index}: ${JSON.stringify(command)}\nanswered ${seen}\nexpected ${expected}`);
      }
      folder = after;
    }
  }
  await checkFiles(fleet, folder);
}

function predict(folder: Folder, request: Request): { readonly expected: string; readonly after: Folder } {
  const { outcome, changes }: Decision = decide(folder, request);
  let after: Folder | undefined = folder;
  for (const change of changes) {
    after = show(after, { ...change, by: 0, call: 0 });
    // A file that is no network may be in the way of one.
    if (after === undefined) {
      const subject = change.add?.key ?? '';
      return { expected: expect(request, { refused: 'fileExists', subject }), after: folder };
    }
  }
  return { expected: expect(request, outcome), after };
}

/** No file is left over; what the death of a daemon left behind is cleared by its successor, who waits for nobody. */
async function checkFiles(fleet: Fleet, folder: Folder): Promise<void> {
  const expected = [...folder.files.keys()].toSorted();
  let found: readonly string[] = [];
  for (let tries = 0; tries < 500; tries += 1) {
    found = listFiles(fleet.folder).toSorted();
    if (found.join() === expected.join()) return;
    await sleep(10);
  }
  throw new Error(`the folder has ${found.join()}, not ${expected.join()}`);
}

async function runSideBySide(fleet: Fleet, plan: Plan, tally: Tally): Promise<readonly FolderCall[]> {
  clear(fleet.folder);
  const calls: FolderCall[] = [];
  let now = 0;
  const tick = () => (now += 1);
  const note = (op: FolderOp, calledAt: number) => calls.push({ op, calledAt, answeredAt: tick() });
  let id = 0;
  const act = async (command: Command) => {
    const calledAt = tick();
    if ('edit' in command) {
      doEdit(fleet.folder, command);
      note({ kind: 'edit', edit: command }, calledAt);
    } else if ('restart' in command) {
      await fleet.restart(command);
    } else {
      id += 1;
      const own = id;
      const answer = await fleet.ask(command);
      if (answer === undefined) return;
      if (answer !== 'cut') tally.add(command.request, answer);
      const seen = answer === 'cut' ? undefined : read(command.request, answer);
      note({ kind: 'ask', id: own, seen, ...command }, calledAt);
    }
  };
  for (const edit of plan.given) await act(edit);
  if (plan.crowded) await fleet.lock.acquire(new AbortController().signal);
  const working = plan.clients.map(async (commands) => {
    for (const command of commands) await act(command);
  });
  if (plan.crowded) {
    await sleep(crowdingMs);
    fleet.lock.release();
  }
  await Promise.all(working);
  for (let on = 0; on < daemons; on += 1) await act({ on, request: list });
  const calledAt = tick();
  note({ kind: 'scan', files: await settledFiles(fleet) }, calledAt);
  return calls;
}

/** Names of the files once nothing unfinished is among them. */
async function settledFiles(fleet: Fleet): Promise<readonly string[]> {
  for (let tries = 0; tries < 500 && listFiles(fleet.folder).some((name) => name.startsWith('.')); tries += 1)
    await sleep(10);
  return listFiles(fleet.folder).toSorted();
}

function tell(calls: readonly FolderCall[], order: readonly number[], state: Folder): string {
  const lines = calls.map(({ op, calledAt, answeredAt }, index) => {
    const steps = order.flatMap((call, at) => (call === index ? at : []));
    return `#${index} from ${calledAt} to ${answeredAt}, step ${steps.join(' and ') || 'none'}: ${JSON.stringify(op)}`;
  });
  return `no order explains these answers\n${lines.join('\n')}\nthe longest way ends with ${folderSpecification.describe(state)}`;
}
