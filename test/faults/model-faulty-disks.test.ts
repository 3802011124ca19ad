import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { makeFaultyDisk } from '../support/faulty-disk.js';
import { makeHost } from '../support/host.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { check } from './model/checking.js';
import { openEars } from './model/event-ears.js';
import { findFalseEvent } from './model/event-history.js';
import { anyFaultyPlan, type FaultyPlan } from './model/faulty-plans.js';
import { startFleet } from './model/fleet.js';
import { knownPlans } from './model/known-plans.js';
import { attemptsAfterFailure, explain, runSideBySide, tellCalls, type Plan } from './model/side-by-side.js';
import { Tally } from './model/tally.js';

/**
 * As `model.test.ts`, while the disks of the daemons fail and are late, and leases cannot be read: each request has happened alone at one moment, or
 * is refused because of the disk and has not happened at all, and so it is in every answer and every event. `PODNETD_TEST_SEED` and
 * `PODNETD_TEST_PATH` run one case again.
 */

const daemons = 2;
const skip = missing('ip', 'nsenter', 'unshare');

t.test('requests side by side on disks that fail', { skip, timeout: 7_200_000 }, async (t) => {
  const disks = Array.from({ length: daemons }, () => makeFaultyDisk(t));
  const fleet = await startFleet(
    t,
    await makeHost(t),
    daemons,
    disks.map(({ env }) => env),
  );
  const ears = await openEars(t, fleet);
  const each = async <T>(ask: (on: number) => Promise<T>) =>
    await Promise.all(Array.from({ length: daemons }, async (_, on) => await ask(on)));
  const leasesOf = (name: string) =>
    Array.from({ length: daemons }, (_, on) => path.join(fleet.daemon(on).cacheDir, 'networks', name));
  const tally = new Tally();
  const hits = new Map<string, number>();

  const run = async (plan: FaultyPlan) => {
    const before = new Map<number, readonly string[]>();
    const begin = async () => {
      await each(async (on) => before.set(on, (await ears.ask(on)).shown));
      for (const target of plan.unreadable.flatMap(leasesOf)) {
        mkdirSync(path.dirname(target), { recursive: true });
        // It leads to itself.
        symlinkSync(target, target);
      }
      for (const [on, disk] of disks.entries()) disk.set(plan.disks[on] ?? []);
    };
    const end = async () => {
      for (const target of plan.unreadable.flatMap(leasesOf)) rmSync(target);
      for (const disk of disks) {
        disk.set([]);
        for (const { call } of disk.takeHits()) hits.set(call, (hits.get(call) ?? 0) + 1);
      }
      for (const [on, faults] of plan.disks.entries()) {
        if (faults.some(({ call, error }) => call === 'unlink' && error !== undefined)) await sweep(on);
      }
    };
    /** A change clears what the disk would not let go. */
    const sweep = async (on: number) => {
      const url = '/v4.3.1/libpod/networks';
      const made = await fleet
        .daemon(on)
        .ask('POST', `${url}/create`, { name: 'sweep', subnets: [{ subnet: '10.99.0.0/24' }] });
      const gone = await fleet.daemon(on).ask('DELETE', `${url}/sweep`);
      if (made.status !== 200 || gone.status !== 200)
        throw new Error(`the disk is well, but: ${made.text}${gone.text}`);
    };
    const calls = await runSideBySide(fleet, plan, { tally, begin, end });
    explain(calls, plan);
    const told = await each(async (on) => ({ on, before: before.get(on) ?? [], ...(await ears.ask(on)) }));
    const names = untouched(plan);
    for (const { shown, ...rest } of told) {
      const wrong = findFalseEvent(calls, { ...rest, after: shown }, names);
      if (wrong !== undefined) throw new Error(`${wrong}\n${tellCalls(calls)}`);
    }
  };
  await check(anyFaultyPlan(daemons), rounds(120, 3_000), run, attemptsAfterFailure, knownPlans);
  tally.check(t);
  for (const call of ['rename', 'link', 'stat', 'fstat', 'fsync', 'unlink'])
    t.ok(hits.get(call) ?? 0, `${call} failed`);
});

const names = ['ma', 'b', 'cni-podman1', 'mb', 'cni-podman2', 'cni-podman3', 'cni-podman4'];

/** Names that no client without a lock uses; what such a one changes twice is noticed once, or not at all. */
function untouched({ clients }: Plan): readonly string[] {
  const touched = new Set(clients.flat().map((command) => ('edit' in command ? command.name : '')));
  return names.filter((name) => !touched.has(name));
}
