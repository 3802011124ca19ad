import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createUrls, type Dialect } from '../../contract/refusals.js';
import type { TestDaemon } from '../../support/daemon.js';
import { create, remove } from '../changes.js';

/** Failed requests of an honest client, and the milliseconds of all its requests. */
export interface Experience {
  readonly failures: readonly string[];
  readonly waitsMs: readonly number[];
}

/** Creates, inspects, lists and removes a network, with short pauses, until the end. */
export async function workHonestly(daemon: TestDaemon, dialect: Dialect, isOver: () => boolean): Promise<Experience> {
  const failures: string[] = [];
  const waitsMs: number[] = [];
  const base = createUrls[dialect].replace('/create', '');
  const [one, all] =
    dialect === 'compat' ? [`${base}/honest-${dialect}`, base] : [`${base}/honest-${dialect}/json`, `${base}/json`];
  const steps = [
    ['create', async () => await create(daemon, dialect, `honest-${dialect}`)],
    ['inspect', async () => await daemon.ask('GET', one)],
    ['list', async () => await daemon.ask('GET', all)],
    ['remove', async () => await remove(daemon, dialect, `honest-${dialect}`)],
  ] as const;
  while (!isOver()) {
    for (const [name, step] of steps) {
      const start = performance.now();
      const { status, text } = await step().catch((error: unknown) => ({ status: 0, text: String(error) }));
      waitsMs.push(performance.now() - start);
      if (status < 200 || status > 299) failures.push(`${dialect}: ${name}: ${status} ${text.slice(0, 500)}`);
      await sleep(5);
    }
  }
  return { failures, waitsMs };
}
