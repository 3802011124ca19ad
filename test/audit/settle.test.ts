import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { Audit } from '../../src/audit/audit.js';
import type { FileHashes } from '../../src/model/audited-request.js';
import { sha256 } from '../../src/model/sha256.js';
import { makePrune } from '../support/audited-prune.js';
import { readAuditLines } from '../support/audited-daemon.js';
import { makeScratch } from '../support/scratch.js';

const removed = (file: string): FileHashes => ({ file, before: sha256(file), after: null });

function open(file: string): Audit {
  const audit = new Audit({ file, onFailure: 'allow' }, { info: () => undefined, error: () => undefined });
  audit.start();
  return audit;
}

t.test('a prune that was cut off between two batches is settled with the networks of all of them', async (t) => {
  const rests: readonly (readonly [left: readonly string[], outcome: string])[] = [
    [[], 'made'],
    [['b'], 'partly made'],
    [['a', 'b'], 'not made'],
  ];
  for (const [left, outcome] of rests) {
    const file = path.join(makeScratch(t), 'audit.jsonl');
    const killed = open(file);
    const request = makePrune();
    await killed.announce([{ request, changes: [removed('a')] }]);
    await killed.announce([{ request, changes: [removed('b')] }]);
    killed.close();
    const next = open(file);
    await next.settle((name) => (left.includes(name) ? name : undefined));
    next.close();
    const settled = readAuditLines(file).filter(({ event }) => event === 'settled');
    t.match(settled, [{ id: 'r1', outcome, changes: [removed('a'), removed('b')] }], left.join());
    t.equal(settled.length, 1);
  }
});

t.test('a batch whose announcement is not in the file has none, though the batch before had one', async (t) => {
  const folder = path.join(makeScratch(t), 'log');
  mkdirSync(folder);
  const audit = open(path.join(folder, 'audit.jsonl'));
  const request = makePrune();
  await audit.announce([{ request, changes: [removed('a')] }]);
  t.match(request.announcement, { changes: [removed('a')] });
  rmSync(folder, { recursive: true });
  await audit.announce([{ request, changes: [removed('b')] }]);
  t.notOk(existsSync(folder));
  t.equal(request.announcement, undefined, 'so the line of the outcome is synced before the answer');
  audit.close();
});
