import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import t from 'tap';
import { missing } from '../../support/tools.js';

const module = path.resolve(import.meta.dirname, '../../../dist/host/own-process/print.js');
const script = `import { print } from ${JSON.stringify(module)}; print('ü'.repeat(2_000_000));`;
const node = [process.execPath, '--input-type=module', '--eval', script];

/** Makes standard output one that does not wait, as a parent may have left it, and reads it late. */
const python = `
import fcntl, os, sys
fcntl.fcntl(1, fcntl.F_SETFL, fcntl.fcntl(1, fcntl.F_GETFL) | os.O_NONBLOCK)
os.execv(sys.argv[1], sys.argv[1:])
`;

t.test(
  'a long text gets through a pipe whole, also one that does not wait',
  { skip: missing('python3') },
  async (t) => {
    for (const [program = '', ...args] of [node, ['python3', '-c', python, ...node]]) {
      const child = spawn('sh', ['-c', '"$@" | (sleep 1; cat)', 'sh', program, ...args]);
      const ended = once(child, 'close');
      let text = '';
      child.stdout.setEncoding('utf8');
      child.stdout.on('data', (chunk: string) => (text += chunk));
      await ended;
      t.equal(text.length, 2_000_000, program);
      t.notMatch(text, /[^ü]/);
    }
  },
);

t.test('a reader that has gone ends the print with an error', async (t) => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  t.equal(code, 1);
  t.match(errors, 'standard output: EPIPE: broken pipe');
});
