import path from 'node:path';
import type { Test } from 'tap';
import { KernelLock } from '../../../src/host/file-locks/kernel-lock.js';
import { codeOf } from '../../../src/host/native-error.js';
import type { Answer } from '../../support/client.js';
import { startDaemon, type DaemonOptions, type TestDaemon } from '../../support/daemon.js';
import type { Host } from '../../support/host.js';
import { makeScratch } from '../../support/scratch.js';
import type { Asking, Restart } from './commands.js';
import { write } from './dialects.js';
import { poolBase } from './commands.js';

/** Several daemons on one folder. */
export interface Fleet {
  readonly folder: string;
  readonly size: number;
  /** The lock for which the writers wait. */
  readonly lock: KernelLock;
  /** @returns undefined when no daemon accepted the request, `cut` when the daemon ended before its answer */
  ask(asking: Asking): Promise<Answer | 'cut' | undefined>;
  restart(restart: Restart): Promise<void>;
  daemon(on: number): TestDaemon;
}

/** @param envs the environment of each daemon */
export async function startFleet(
  t: Test,
  host: Host,
  size: number,
  envs: readonly DaemonOptions['env'][] = [],
): Promise<Fleet> {
  const folder = makeScratch(t);
  const noPlugins = makeScratch(t);
  const start = async (index: number) =>
    await startDaemon(t, {
      folder,
      env: envs[index] ?? {},
      netns: host,
      args: ['--cni-plugin-dir', noPlugins, '--lock-timeout', '120', '--log-level', 'error'],
      containersConf: `[network]\ndefault_subnet_pools = [{ base = "${poolBase}", size = 24 }]\n`,
    });
  const daemons: TestDaemon[] = [];
  for (let index = 0; index < size; index += 1) daemons.push(await start(index));
  const starting = new Map<number, Promise<void>>();
  const begin = async (index: number, signal: Restart['restart']) => {
    await daemon(index).stop(signal);
    daemons[index] = await start(index);
    starting.delete(index);
  };
  const daemon = (on: number) => {
    const found = daemons[on];
    if (found === undefined) throw new RangeError(`there are ${size} daemons, and none of number ${on}`);
    return found;
  };
  return {
    folder,
    size,
    daemon,
    lock: new KernelLock(path.join(folder, 'cni.lock')),
    async ask({ on, request }) {
      const { method, url, body } = write(request);
      try {
        return await daemon(on).ask(method, url, body);
      } catch (error) {
        return ['ENOENT', 'ECONNREFUSED'].includes(codeOf(error) ?? '') ? undefined : 'cut';
      }
    },
    async restart({ on, restart }) {
      const started = starting.get(on) ?? begin(on, restart);
      starting.set(on, started);
      await started;
    },
  };
}
