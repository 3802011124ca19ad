import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { makeFaultyDisk } from '../../support/faulty-disk.js';
import { makeHost } from '../../support/host.js';
import { openEars } from './event-ears.js';
import type { ReportedEvents } from './event-history.js';
import type { FaultyPlan } from './faulty-plans.js';
import { startFleet } from './fleet.js';
import type { FolderCall } from './folder-history.js';
import { clearUnfinished } from './outsider.js';
import { runSideBySide } from './side-by-side.js';
import type { Tally } from './tally.js';

/** Several daemons on one folder, whose disks fail while a plan runs. */
export interface FaultyFleet {
  /** Runs a plan with healthy disks before and after. @returns the calls, and the events of each daemon */
  run(plan: FaultyPlan, tally: Tally): Promise<FaultyHistory>;
  /** How often each call has failed, by its name. */
  readonly hits: ReadonlyMap<string, number>;
}

export interface FaultyHistory {
  readonly calls: readonly FolderCall[];
  readonly reported: readonly ReportedEvents[];
}

export async function startFaultyFleet(t: Test, size: number): Promise<FaultyFleet> {
  const disks = Array.from({ length: size }, () => makeFaultyDisk(t));
  const envs = disks.map(({ env }) => env);
  const host = await makeHost(t);
  const fleet = await startFleet(t, host, size, envs);
  const ears = await openEars(t, fleet);
  const hits = new Map<string, number>();
  const askEach = async () => await Promise.all(disks.map(async (_, on) => await ears.ask(on)));

  const breakDisks = (plan: FaultyPlan) => {
    for (const name of plan.unreadable) {
      mkdirSync(host.leaseDir, { recursive: true });
      // A link to itself.
      symlinkSync(name, path.join(host.leaseDir, name));
    }
    for (const [on, disk] of disks.entries()) disk.set(plan.disks[on] ?? []);
  };
  const mendDisks = (plan: FaultyPlan) => {
    for (const name of plan.unreadable) rmSync(path.join(host.leaseDir, name));
    for (const disk of disks) {
      disk.set([]);
      for (const { call } of disk.takeHits()) hits.set(call, (hits.get(call) ?? 0) + 1);
    }
  };
  /** Makes a change on this daemon, which clears temporary names that its disk did not unlink. */
  const sweep = async (on: number) => {
    const url = '/v4.3.1/libpod/networks';
    const body = { name: 'sweep', network_interface: 'br-sweep', subnets: [{ subnet: '10.99.0.0/24' }] };
    const made = await fleet.daemon(on).ask('POST', `${url}/create`, body);
    const gone = await fleet.daemon(on).ask('DELETE', `${url}/sweep`);
    if (made.status !== 200 || gone.status !== 200) throw new Error(`the disk is well, but: ${made.text}${gone.text}`);
  };

  return {
    hits,
    async run(plan, tally) {
      let before: readonly (readonly string[])[] = [];
      const calls = await runSideBySide(fleet, plan, {
        tally,
        begin: async () => {
          before = (await askEach()).map(({ shown }) => shown);
          breakDisks(plan);
        },
        end: async () => {
          mendDisks(plan);
          for (const [on, faults] of plan.disks.entries()) {
            if (faults.some(({ call, error }) => call === 'unlink' && error !== undefined)) await sweep(on);
          }
          // A file that could not be put back stays under a temporary name, and the answer reports it.
          if (plan.disks.flat().some(({ undo }) => undo === true)) clearUnfinished(fleet.folder);
        },
      });
      const after = await askEach();
      return {
        calls,
        reported: after.map(({ shown, events }, on) => ({ on, before: before[on] ?? [], events, after: shown })),
      };
    },
  };
}
