import t from 'tap';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { check } from './model/checking.js';
import { findFalseEvent } from './model/event-history.js';
import { startFaultyFleet } from './model/faulty-fleet.js';
import { anyFaultyPlan, anyStuckPlan, type FaultyPlan } from './model/faulty-plans.js';
import { knownPlans } from './model/known-plans.js';
import { attemptsAfterFailure, explain, tellCalls, type Plan } from './model/side-by-side.js';
import { findLoss } from './model/stuck-disks.js';
import { Tally } from './model/tally.js';

/**
 * As `model.test.ts`, on disks that fail and are slow, and with leases that cannot be read. Each request has happened alone at one moment, or a
 * failure of the disk refused it and no answer and no event shows it. `PODNETD_TEST_SEED` and `PODNETD_TEST_PATH` run one case again.
 */

const daemons = 2;
const skip = missing('ip', 'nsenter', 'unshare');

t.test('requests side by side on disks that fail', { skip, timeout: 7_200_000 }, async (t) => {
  const fleet = await startFaultyFleet(t, daemons);
  const tally = new Tally();
  const run = async (plan: FaultyPlan) => {
    const { calls, reported } = await fleet.run(plan, tally);
    explain(calls, plan);
    for (const events of reported) {
      const wrong = findFalseEvent(calls, events, untouched(plan));
      if (wrong !== undefined) throw new Error(`${wrong}\n${tellCalls(calls)}`);
    }
  };
  await check(anyFaultyPlan(daemons), rounds(120, 3_000), run, attemptsAfterFailure, knownPlans);
  tally.check(t);
  for (const call of ['rename', 'link', 'stat', 'fstat', 'fsync', 'unlink'])
    t.ok(fleet.hits.get(call) ?? 0, `${call} failed`);
});

t.test('requests side by side on disks on which nothing can be taken back', { skip, timeout: 7_200_000 }, async (t) => {
  const fleet = await startFaultyFleet(t, daemons);
  const run = async (plan: FaultyPlan) => {
    const { calls } = await fleet.run(plan, new Tally());
    const loss = findLoss(calls);
    if (loss !== undefined) throw new Error(`${loss}\n${tellCalls(calls)}`);
  };
  await check(anyStuckPlan(daemons), rounds(25, 500), run, attemptsAfterFailure);
  t.ok(fleet.hits.get('fsync') ?? 0, 'the folder was not synced');
  t.ok(
    (fleet.hits.get('link') ?? 0) + (fleet.hits.get('rename') ?? 0) + (fleet.hits.get('unlink') ?? 0),
    'the change was not taken back',
  );
});

const names = ['ma', 'b', 'cni-podman1', 'mb', 'cni-podman2', 'cni-podman3', 'cni-podman4'];

/** Names that no edit without the lock touches: podnetd may see two such edits as one, or as none. */
function untouched({ clients }: Plan): readonly string[] {
  const touched = new Set(clients.flat().map((command) => ('edit' in command ? command.name : '')));
  return names.filter((name) => !touched.has(name));
}
