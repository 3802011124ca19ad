import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { programCommand } from '../support/program-command.js';
import { makeScratch } from '../support/scratch.js';

/** Tests and their programs run from TypeScript: failures name its lines, and an edited file is not run from what was kept of it. */

t.test('a stack has the lines and columns of the source', async (t) => {
  const file = path.join(makeScratch(t), 'throws.ts');
  writeFileSync(
    file,
    'interface Left {\n  out: 1;\n}\nexport const kept: number = 1;\n\n    throw new Error("x" as string);\n',
  );
  const [node, ...args] = programCommand(file);
  const { stderr } = spawnSync(node, ['--enable-source-maps', ...args], { encoding: 'utf8' });
  t.match(stderr, `${file}:6:11`);
});

t.test('each content of a file is its own module', async (t) => {
  const file = path.join(makeScratch(t), 'prints.ts');
  const [node, ...args] = programCommand(file);
  for (const text of ['first', 'second', 'first']) {
    writeFileSync(file, `console.log('${text}' satisfies string);\n`);
    t.equal(execFileSync(node, args, { encoding: 'utf8' }), `${text}\n`);
  }
});
