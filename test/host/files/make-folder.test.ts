import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { programCommand } from '../../support/program-command.js';
import { makeScratch } from '../../support/scratch.js';

/**
 * Makes folders in a child process with a deadline, because Node's recursive mkdir never returns for some folders that the kernel refuses.
 *
 * @returns `made` for each folder, or the message of the error
 */
function make(kind: 'lasting' | 'private', folders: readonly string[]): readonly string[] {
  const [program, ...args] = programCommand(path.join(import.meta.dirname, 'make-folder-program.ts'));
  return execFileSync(program, [...args, kind, ...folders], {
    encoding: 'utf8',
    timeout: 30_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, NODE_OPTIONS: '' },
  })
    .trim()
    .split('\n');
}

for (const kind of ['lasting', 'private'] as const) {
  t.test(`${kind} folders are made with their parents, or the error names the folder that fails`, async (t) => {
    const scratch = makeScratch(t);
    const at = (name: string) => path.join(scratch, name);
    writeFileSync(at('file'), '');
    symlinkSync('nowhere', at('link'));
    symlinkSync('a/b', at('good'));
    const long = at(`new/${'x'.repeat(300)}`);
    const expected = {
      [at('a/b/c')]: 'made',
      [at('a/b')]: 'made',
      [at('good/d')]: 'made',
      '/proc/nope': 'mkdir /proc/nope: ENOENT: no such file or directory',
      '/proc/nope/net.d': 'mkdir /proc/nope: ENOENT: no such file or directory',
      [at('file')]: `mkdir ${at('file')}: EEXIST: file already exists`,
      [at('file/x/y')]: `mkdir ${at('file/x')}: ENOTDIR: not a directory`,
      [at('link/x')]: `mkdir ${at('link')}: EEXIST: file already exists`,
      [long]: `mkdir ${long}: ENAMETOOLONG: name too long`,
    };
    t.same(make(kind, Object.keys(expected)), Object.values(expected));
    t.ok(statSync(at('a/b/d')).isDirectory());
    t.same(readdirSync(scratch).toSorted(), ['a', 'file', 'good', 'link'], 'a failure leaves no parent behind');
  });
}

t.test('existing parents keep their mode', async (t) => {
  const scratch = makeScratch(t);
  const parent = path.join(scratch, 'parent');
  mkdirSync(parent, { mode: 0o711 });
  const mode = statSync(parent).mode;
  t.same(make('private', [path.join(parent, 'own')]), ['made']);
  t.equal(statSync(parent).mode, mode);
  t.equal(statSync(path.join(parent, 'own')).mode & 0o777, 0o700);
});
