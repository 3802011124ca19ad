import * as fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { makeHost } from '../support/host.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { check } from './model/checking.js';
import { anyCommand, anyOwnFiles, type Command, type Request } from './model/commands.js';
import { decide, type Decision } from './model/decisions.js';
import { expect, read } from './model/dialects.js';
import { startFleet, type Fleet } from './model/fleet.js';
import { applyEdit, emptyFolder, show, type Folder } from './model/folder-model.js';
import { clear, doEdit, listFiles } from './model/outsider.js';
import { attemptsAfterFailure, explain, runSideBySide, type Plan } from './model/side-by-side.js';
import { Tally } from './model/tally.js';

/**
 * Random requests in all three dialects to several daemons on one folder, with edits by programs that take no lock, restarts and kills: each
 * answer must be the model's. A failure prints the seed and the shortest sequence found; `PODNETD_TEST_SEED` runs it again.
 */

const daemons = 3;

const skip = missing('ip', 'nsenter', 'unshare');

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
    const calls = await runSideBySide(fleet, plan, { tally });
    const { visited } = explain(calls);
    largest.calls = Math.max(largest.calls, calls.length);
    largest.states = Math.max(largest.states, visited);
  };
  await check(anyPlan, rounds(50, 6_000), run, attemptsAfterFailure);
  tally.check(t);
  t.comment('largest history', largest);
});

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
    // A file that is no network may have the name.
    if (after === undefined) {
      const subject = change.add?.key ?? '';
      return { expected: expect(request, { refused: 'fileExists', subject }), after: folder };
    }
  }
  return { expected: expect(request, outcome), after };
}

/** Asserts that no file is left over. A daemon clears leftovers of its predecessor after its start, so the check waits. */
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
