import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import {
  auditToml,
  createNetwork,
  readAuditLines,
  readRequests,
  startAudited,
  verifyAudit,
} from '../support/audited-daemon.js';
import { startDaemon } from '../support/daemon.js';
import { injectFaults, type Fault } from '../support/inject-faults.js';
import { makeScratch } from '../support/scratch.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { seenBy } from '../support/mount-space.js';
import { missing } from '../support/tools.js';
import { checkRefusal, create, namesOf, pidOf, remove } from './changes.js';

/** A disk that does not take the lines of the audit file, or loses the file. */

t.test('a full disk refuses changes, or lets them through', { skip: missing('unshare', 'mount') }, async (t) => {
  const mount = 'mount -t tmpfs -o size=8k podnetd-test "$0" && exec "$@"';
  for (const rest of ['', 'on_failure = "allow"\n']) {
    const folder = makeScratch(t);
    const inFolder = (name: string) => seenBy(pidOf(daemon), path.join(folder, name));
    const wrap = (file: string, args: readonly string[]) =>
      ['unshare', ['--mount', '--propagation', 'private', 'sh', '-c', mount, folder, file, ...args]] as const;
    const toml = auditToml(path.join(folder, 'audit.jsonl'), rest);
    const daemon = await startDaemon(t, { podnetdToml: toml, netns: { wrap } });
    const file = inFolder('audit.jsonl');
    t.equal((await createNetwork(daemon, 'first')).status, 200);
    t.throws(
      () => {
        for (;;) appendFileSync(inFolder('filler'), Buffer.alloc(512));
      },
      { code: 'ENOSPC' },
    );
    // The last page of the file has room for some lines.
    let answer = await createNetwork(daemon, 'n0');
    for (let count = 1; answer.status === 200 && count < 8; count += 1)
      answer = await createNetwork(daemon, `n${count}`);
    if (rest === '') {
      checkRefusal(t, 'v4', answer, /^write .*\/audit\.jsonl: ENOSPC: no space left on device/, 'full');
      t.equal((await daemon.ask('GET', '/v5.4.2/libpod/networks/json')).status, 200);
      rmSync(inFolder('filler'));
      t.equal((await createNetwork(daemon, 'again')).status, 200);
      t.equal(readRequests(file).at(-1)?.network, 'again');
    } else t.equal(answer.status, 200, answer.text);
    t.match(verifyAudit(file), { status: 0 });
    await daemon.stop();
  }
});

const faults: readonly (readonly [fault: Fault, message: RegExp])[] = [
  [{ calls: 'write', error: 'EROFS' }, /^write .*\/audit\.jsonl: EROFS/],
  [{ calls: 'fdatasync', error: 'EIO' }, /^write .*\/audit\.jsonl: EIO/],
];

t.test(
  'a disk that fails refuses every kind of change, and leaves no trace in the folder',
  { skip: missing('strace') },
  async (t) => {
    const { file, daemon } = await startAudited(t);
    t.equal((await create(daemon, 'compat', 'kept')).status, 201);
    for (const [fault, message] of faults) {
      const before = snapshotFolder(daemon.folder);
      await injectFaults(pidOf(daemon), [fault], [file], async () => {
        checkRefusal(t, 'compat', await create(daemon, 'compat', 'new'), message, 'create');
        checkRefusal(t, 'compat', await remove(daemon, 'compat', 'kept'), message, 'remove');
        const label = { labels: { a: 'b' } };
        t.match((await daemon.ask('PATCH', '/podnetd/v1/networks/kept', label)).json(), { message }, 'update');
        const connect = await daemon.ask('POST', '/v5.4.2/libpod/networks/kept/connect', { container: 'c' });
        t.match(connect.json(), { message }, 'connect, before its container is looked for');
        t.strictSame(await namesOf(daemon), ['bridge', 'kept'], 'looks go on');
      });
      t.strictSame(snapshotFolder(daemon.folder), before);
      const { headers, status } = await create(daemon, 'v4', 'after');
      t.equal(status, 200);
      t.equal(readRequests(file).at(-1)?.id, headers['x-reference-id']);
      t.equal((await remove(daemon, 'v4', 'after')).status, 200);
      t.match(verifyAudit(file), { status: 0 }, 'what no sync has covered is written again');
    }
    const failures = daemon.log().filter(({ msg }) => msg === 'the audit file cannot be written');
    t.equal(failures.length, faults.length, 'the log has the first failure of each row');
  },
);

t.test('a file or folder that is deleted is noticed', async (t) => {
  const folder = path.join(makeScratch(t), 'log');
  mkdirSync(folder);
  const { file, daemon } = await startAudited(t, { file: path.join(folder, 'audit.jsonl') });
  t.equal((await create(daemon, 'compat', 'one')).status, 201);
  const lost = readAuditLines(file).length;
  unlinkSync(file);
  t.equal((await create(daemon, 'compat', 'two')).status, 201);
  t.match(readAuditLines(file), [{ seq: lost + 1, event: 'opened' }, { event: 'announced' }, { network: 'two' }]);
  rmSync(folder, { recursive: true });
  checkRefusal(t, 'compat', await create(daemon, 'compat', 'three'), /^write .*\/audit\.jsonl: ENOENT/, 'no folder');
  t.strictSame(await namesOf(daemon), ['bridge', 'one', 'two']);
  mkdirSync(folder);
  t.equal((await create(daemon, 'compat', 'four')).status, 201);
  t.match(
    readRequests(file).map(({ network }) => network),
    ['three', 'four'],
    'the refusal has its line, too',
  );
  t.match(verifyAudit(file), { status: 0, stdout: /the chain continues from line/ });
});

t.test('rotations while clients write refuse no change, and lose no line', async (t) => {
  const { file, daemon } = await startAudited(t);
  const rotated: string[] = [];
  let isOver = false;
  const clients = Array.from({ length: 8 }, async (_, client) => {
    const made: string[] = [];
    for (let count = 0; !isOver; count += 1) {
      const name = `n${client}x${count}`;
      const { status, text, headers } = await create(daemon, 'compat', name);
      if (!t.equal(status, 201, text)) break;
      made.push(String(headers['x-reference-id']));
    }
    return made;
  });
  for (let round = 0; round < 12; round += 1) {
    const target = `${file}.${round}`;
    renameSync(file, target);
    rotated.push(target);
    daemon.process.kill('SIGHUP');
    for (let tries = 0; !existsSync(file) && tries < 1_000; tries += 1) await sleep(5);
  }
  isOver = true;
  const made = (await Promise.all(clients)).flat();
  const lines = new Set([...rotated, file].flatMap(readRequests).map(({ id }) => id));
  t.ok(made.length > 0);
  t.strictSame(
    made.filter((id) => !lines.has(id)),
    [],
  );
  t.match(verifyAudit(...rotated, file), { status: 0 });
  t.strictSame(
    readdirSync(path.dirname(file)).filter((name) => !name.startsWith('audit.jsonl')),
    [],
  );
});
