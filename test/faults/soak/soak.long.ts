import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { dialects } from '../../contract/refusals.js';
import { startDaemon, type TestDaemon } from '../../support/daemon.js';
import { countOpen, settleOpen } from '../../support/process-counts.js';
import { programCommand } from '../../support/program-command.js';
import { pidOf } from '../changes.js';
import { litter } from './bad-files.js';
import { workHonestly, type Experience } from './honest-client.js';

/** All hostile clients at once beside an honest client of each dialect, which is served in time. */

const hostileProcess = path.resolve(import.meta.dirname, 'hostile-process.ts');
/** The uid of the user nobody, which may connect by the socket's mode. */
const stranger = '65534';

function residentKib(daemon: TestDaemon): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pidOf(daemon)}/status`, 'utf8'))?.[1]);
}

function quantile(waitsMs: readonly number[], share: number): number {
  const sorted = waitsMs.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function workFor(daemon: TestDaemon, seconds: number): Promise<readonly Experience[]> {
  const until = performance.now() + seconds * 1_000;
  return await Promise.all(
    dialects.map(async (dialect) => await workHonestly(daemon, dialect, () => performance.now() > until)),
  );
}

t.test('honest clients among hostile ones', { timeout: 1_200_000 }, async (t) => {
  const daemon = await startDaemon(t, { args: ['--log-level', 'error', '--socket-mode', '0666'] });
  chmodSync(path.dirname(daemon.socket), 0o755);
  const quiet = await workFor(daemon, 20);
  t.strictSame(
    quiet.flatMap(({ failures }) => failures),
    [],
    'alone',
  );
  const open = countOpen(pidOf(daemon));
  const [node, ...args] = programCommand(hostileProcess);
  const hostile = spawn(node, [...args, daemon.socket, stranger], { stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = once(hostile, 'exit');
  t.teardown(() => hostile.kill('SIGKILL'));
  let isOver = false;
  const littering = litter(daemon.folder, () => isOver);
  await sleep(1_000);

  // The first part lets the heap and all tables grow to their full size.
  const first = await workFor(daemon, 60);
  const residentAtFirst = residentKib(daemon);
  const rest = await workFor(daemon, 540);
  const resident = residentKib(daemon);
  isOver = true;
  await littering;
  hostile.stdin.end();
  t.strictSame(await ended, [0, null], 'the attackers worked to the end');

  const among = [...first, ...rest];
  t.strictSame(
    among.flatMap(({ failures }) => failures),
    [],
    'no honest request fails',
  );
  const settled = await settleOpen(pidOf(daemon), open);
  t.ok(settled.descriptors <= open.descriptors, `${settled.descriptors} descriptors, ${open.descriptors} before`);
  t.strictSame(
    daemon.log().filter((line) => line['outcome'] === 'internal' || Number(line['level']) >= 60),
    [],
    'podnetd logged no bug',
  );
  for (const [index, dialect] of dialects.entries()) {
    const p99 = quantile(quiet[index]?.waitsMs ?? [], 0.99);
    const waits = [first, rest].flatMap((part) => part[index]?.waitsMs ?? []);
    const longest = quantile(waits, 1);
    const said = `${dialect}: ${waits.length} requests, p99 ${quantile(waits, 0.99).toFixed(0)} ms, longest ${longest.toFixed(0)} ms; alone p99 ${p99.toFixed(1)} ms`;
    t.ok(longest <= 100 * p99, said);
  }
  const growth = `resident ${residentAtFirst} KiB after the first part, ${resident} KiB at the end`;
  t.ok(resident <= residentAtFirst * 1.25, growth);
  t.equal(await daemon.stop(), 0, 'the daemon stops in order');
});
