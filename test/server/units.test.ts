import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { roleOfInherited } from '../../src/server/inherited-role.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const source = path.resolve(import.meta.dirname, '../../systemd');

for (const [manager, folder, units] of [
  ['--system', '.', ['podnetd.socket', 'podnetd-read.socket', 'podnetd.service']],
  ['--user', 'user', ['podnetd.socket', 'podnetd-read.socket', 'podnetd.service']],
] as const) {
  t.test(`systemd understands the units ${manager}`, { skip: missing('systemd-analyze') }, async (t) => {
    const scratch = makeScratch(t);
    cpSync(path.join(source, folder), scratch, { recursive: true });
    const service = path.join(scratch, 'podnetd.service');
    // systemd-analyze requires an existing program.
    const text = readFileSync(service, 'utf8').replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`);
    writeFileSync(service, text);
    const files = units.map((unit) => path.join(scratch, unit));
    const { stdout, stderr } = await promisify(execFile)('systemd-analyze', [manager, 'verify', ...files], {
      env: { ...process.env, XDG_RUNTIME_DIR: scratch },
    });
    const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('podnetd'));
    t.same(complaints, []);
    // Without it V8's compilers keep 15 MiB more on Node 24 and 26.
    t.match(text, /^Environment=MALLOC_ARENA_MAX=1$/m);
  });
}

t.test('the names of the reading sockets give them their role', async (t) => {
  for (const folder of ['.', 'user']) {
    const unit = readFileSync(path.join(source, folder, 'podnetd-read.socket'), 'utf8');
    const name = /^FileDescriptorName=(.*)$/m.exec(unit)?.[1] ?? '';
    t.equal(roleOfInherited({ fd: 3, name }, undefined), 'read');
  }
});
