import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { readAuditLines, startAudited, verifyAudit } from '../support/audited-daemon.js';
import type { TestDaemon } from '../support/daemon.js';
import { rounds } from '../support/rounds.js';
import { makeScratch } from '../support/scratch.js';
import { create, remove } from './changes.js';

/** podnetd is killed while clients make and remove networks. */

const kills = rounds(4, 200);
const changesBetween = rounds(40, 500);
const clients = 8;

interface Acknowledged {
  readonly id: string;
  readonly network: string;
}

/** Makes and removes networks until podnetd dies. */
async function change(daemon: TestDaemon, label: string, acknowledge: (change: Acknowledged) => void): Promise<void> {
  for (let count = 0; ; count += 1) {
    const network = `${label}x${count}`;
    for (const act of count % 4 === 3 ? [create] : [create, remove]) {
      const answer = await act(daemon, 'compat', network).catch(() => undefined);
      if (answer === undefined) return;
      if (answer.status < 300) acknowledge({ id: String(answer.headers['x-reference-id']), network });
    }
  }
}

t.test('each acknowledged change has its line, none is torn, and each file has one that announced it', async (t) => {
  const place = makeScratch(t);
  const file = path.join(place, 'audit.jsonl');
  const folder = path.join(place, 'net.d');
  const acknowledged: Acknowledged[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const { daemon } = await startAudited(t, { file, folder });
    const until = acknowledged.length + changesBetween + (kill % 17);
    await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        await change(daemon, `n${kill}x${client}`, (made) => {
          acknowledged.push(made);
          if (acknowledged.length === until) daemon.process.kill('SIGKILL');
        });
      }),
    );
    await daemon.stop('SIGKILL');
  }
  const lines = readAuditLines(file);
  const answered = new Map(lines.flatMap((line) => (line.event === 'request' ? [[line.id, line.network]] : [])));
  t.strictSame(
    acknowledged.filter(({ id, network }) => answered.get(id) !== network),
    [],
    `${acknowledged.length} acknowledged changes`,
  );
  const announced = new Set(
    lines.flatMap(({ event, changes }) =>
      event === 'announced' ? changes.flatMap((one) => (one.after === null ? [] : [one.file])) : [],
    ),
  );
  t.strictSame(
    readdirSync(folder).filter((name) => name.endsWith('.conflist') && !announced.has(name)),
    [],
    'a change that was not acknowledged has its line too',
  );
  t.match(verifyAudit(file), { status: 0 });

  const { daemon } = await startAudited(t, { file, folder });
  const note = /has no outcome/;
  for (let tries = 0; note.test(verifyAudit(file).stdout) && tries < 20; tries += 1) await sleep(100);
  const { status, stdout } = verifyAudit(file);
  t.equal(status, 0);
  t.notMatch(stdout, note, 'a start records what became of the requests that a kill cut off');
  await daemon.stop();
});
