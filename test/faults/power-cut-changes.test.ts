import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { programCommand } from '../support/program-command.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { DiskModel, type FileAfterCut } from './disk-model.js';
import { play, readCalls, recording } from './recorded-calls.js';

/**
 * Batches of creates, removals and replaces, some of them taken back, with a power cut after each system call. A name has the text of the last
 * report; during a batch it has its old or its new text, and never half of one.
 */

type Texts = Readonly<Record<string, string | null>>;

t.test('a name has its old file or its new one, at every moment', { skip: missing('strace') }, (t) => {
  const scratch = makeScratch(t);
  const [folder, calls] = [path.join(scratch, 'net.d'), path.join(scratch, 'calls')];
  mkdirSync(folder);
  const program = programCommand(path.join(import.meta.dirname, 'mixed-changes.ts'));
  execFileSync('strace', [...recording(calls), ...program, folder], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const disk = new DiskModel(folder);
  let allowed: Readonly<Record<string, readonly (string | null)[]>> = {};
  const counts = { states: 0, batches: 0, exchanges: 0 };
  for (const call of readCalls(readFileSync(calls, 'utf8'))) {
    if (call.name === 'line') {
      const { may, is } = JSON.parse(call.paths[0] ?? '') as { readonly may?: typeof allowed; readonly is?: Texts };
      if (is !== undefined) counts.batches += 1;
      allowed = may ?? Object.fromEntries(Object.entries(is ?? {}).map(([name, text]) => [name, [text]]));
    } else {
      play(disk, call);
    }
    if (call.name === 'exchange') counts.exchanges += 1;
    for (const state of disk.statesAfterCut()) {
      counts.states += 1;
      const wrong = Object.entries(allowed).filter(([name, texts]) => !isAllowed(state.get(name), texts));
      if (wrong.length > 0)
        t.strictSame(
          wrong.map(([name]) => [name, state.get(name)]),
          [],
          call.text,
        );
    }
  }
  t.equal(counts.batches, 40, 'every batch was recorded');
  t.ok(counts.exchanges > 10, `${counts.exchanges} files were replaced`);
  t.ok(counts.states > 400, `${counts.states} states after a cut`);
  const left = Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
  );
  const expected = Object.entries(allowed).flatMap(([name, [text]]) =>
    typeof text === 'string' ? [[name, text]] : [],
  );
  t.strictSame(left, Object.fromEntries(expected), 'no other file is left in the end');
  t.end();
});

function isAllowed(file: FileAfterCut | undefined, texts: readonly (string | null)[]): boolean {
  return file === undefined ? texts.includes(null) : file.isWhole && texts.includes(file.text);
}
