import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { PluginCall } from '../../../src/cni/runtime/exec.js';
import { SharedRulesGuard } from '../../../src/cni/runtime/shared-rules.js';
import { KernelLock } from '../../../src/host/file-locks/kernel-lock.js';
import { holdAsPodman, shareAsReader } from '../../support/lock-holder.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const chain = ['bridge', 'portmap', 'firewall', 'dnsname'];
const uid = 4_242;

t.test(
  'a process that keeps the lock of shared rules delays one call alone',
  { skip: missing('python3') },
  async (t) => {
    for (const hold of [holdAsPodman, async (file: string) => await shareAsReader(file, uid)]) {
      const folder = makeScratch(t);
      chmodSync(folder, 0o755);
      const file = path.join(folder, 'podnetd-rules.lock');
      writeFileSync(file, '', { mode: 0o644 });
      const holder = await hold(file);
      const lock = new KernelLock(file, 20);
      const waits: boolean[] = [];
      const watched = {
        acquire: async (signal: AbortSignal) => {
          waits.push(!signal.aborted);
          return await lock.acquire(signal);
        },
        release: () => lock.release(),
      };
      const called: string[] = [];
      const exec = {
        call: async ({ plugin }: Pick<PluginCall, 'plugin'>) => {
          called.push(plugin);
          return await Promise.resolve(undefined);
        },
      };
      const guard = new SharedRulesGuard(exec, watched, 100);
      const connect = async () => {
        for (const plugin of chain) await guard.call({ plugin } as PluginCall);
      };
      await connect();
      await connect();
      t.same(called, [...chain, ...chain], 'every plugin runs all the same');
      t.same(waits, [true, false, false, false, false, false]);
      await holder.release();
      // The wait that timed out releases the lock when it gets it.
      for (let tries = 0; tries < 500 && lock.isWaiting(); tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      await connect();
      t.same(waits.slice(6), [false, true, true], 'after a call that got the lock, later calls wait as before');
    }
  },
);
