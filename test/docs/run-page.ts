import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { runProgram } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { readManner, type Runner } from './manner.js';
import { readPage, readPages, type Block, type Page } from './page.js';
import type { Place } from './place.js';
import { isShown, stepsOf, type Step } from './steps.js';

/** Pages with blocks that the runner runs. */
export function pagesFor(runner: Runner): readonly Page[] {
  return readPages().filter((page) => blocksFor(page, runner).length > 0);
}

/** Runs the blocks of a page that are meant for the runner, in one shell, and compares their output with the page. */
export async function runPage(t: Test, name: string, place: Place, runner: Runner): Promise<void> {
  const blocks = blocksFor(readPage(name), runner);
  const inOrder = [...blocks.filter(({ isFirst }) => isFirst), ...blocks.filter(({ isFirst }) => !isFirst)];
  const starting = inOrder.findIndex(({ stays }) => stays);
  // The blocks before it install podnetd.
  await runBlocks(t, name, place, inOrder.slice(0, Math.max(starting, 0)));
  await start(t, place, inOrder[starting]?.text ?? 'node dist/podnetd.cjs');
  await runBlocks(t, name, place, inOrder.slice(starting + 1));
}

function blocksFor({ blocks }: Page, runner: Runner) {
  return blocks
    .filter(({ language }) => language === 'sh')
    .map((block) => ({ ...block, ...readManner(block.note) }))
    .filter(({ by }) => by === undefined || by === runner);
}

/** Starts podnetd, and waits for its socket. Ctrl-C ends it with the test. */
async function start(t: Test, place: Place, commands: string): Promise<void> {
  const [file, args] = place.wrap('bash', ['-ec', commands]);
  const child = spawn(file, [...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
  const ended = once(child, 'exit');
  t.teardown(async () => {
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGINT');
    await ended;
  });
  const ping = ['--unix-socket', place.socket, 'http://d/_ping'];
  for (let tries = 0; (await runProgram(...place.wrap('curl', ping))).code !== 0; tries += 1) {
    if (child.exitCode !== null || tries > 1200) throw new Error(`${commands} does not start podnetd: ${output}`);
    await sleep(100);
  }
}

/** Runs the blocks in one shell, and compares their output with the page. */
export async function runBlocks(
  t: Test,
  name: string,
  place: Pick<Place, 'wrap'>,
  blocks: readonly Block[],
): Promise<void> {
  const steps = blocks.flatMap(({ line, text }) => stepsOf(text).map((step) => ({ ...step, line })));
  const parts = steps.map(({ commands }, index) => `echo '${mark(index)}'\n${commands}\n`);
  const script = ['set -e\n', ...parts, `echo '${mark(steps.length)}'\n`].join('');
  // A file, because a job of the page that goes on would keep a pipe open.
  const output = path.join(makeScratch(t), 'output');
  const target = openSync(output, 'w');
  const [file, args] = place.wrap('timeout', ['300', 'bash', '-c', script]);
  await once(spawn(file, [...args], { stdio: ['ignore', target, target] }), 'exit');
  closeSync(target);
  const written = readFileSync(output, 'utf8');
  for (const [index, step] of steps.entries()) {
    const [text, rest] = written.split(`${mark(index)}\n`)[1]?.split(mark(index + 1)) ?? [];
    checkStep(t, `${name}:${step.line}`, step, text, rest !== undefined);
  }
}

const mark = (index: number) => `-- step ${index} of the page --`;

function checkStep(
  t: Test,
  where: string,
  { commands, shown }: Step,
  output: string | undefined,
  ended: boolean,
): void {
  const details = { commands, output, shown };
  if (!t.ok(ended, `${where}: ${commands.split('\n')[0]}: runs`, details) || shown === undefined) return;
  t.ok(isShown(shown, output ?? ''), `${where}: prints the output of the page`, details);
}
