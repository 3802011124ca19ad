import t from 'tap';
import { Chain, hash } from '../../src/audit/chain.js';
import { readTail } from '../../src/audit/tail.js';
import { verifyFiles } from '../../src/audit/verify.js';

const count = 12;

function writeLines(length = count, chain = new Chain()): readonly string[] {
  return Array.from({ length }, (_, index) => chain.add('request', { id: `r${index}` }));
}

const verify = (...lines: readonly string[]) => verifyFiles([{ name: 'a', text: lines.join('') }]);

t.test('a whole chain has no fault, and its head is the last line', (t) => {
  const lines = writeLines();
  const { faults, notes, head } = verify(...lines);
  t.strictSame({ faults, notes }, { faults: [], notes: [] });
  t.strictSame(head, { seq: count, hash: hash(lines.at(-1)?.trimEnd() ?? '') });
  t.end();
});

t.test('every removed, changed, exchanged, duplicated, inserted or torn line is found where it is', (t) => {
  const lines = writeLines();
  for (const [at, line] of lines.entries()) {
    const isLast = at === count - 1;
    const next = isLast ? at + 1 : at + 2;
    if (!isLast) {
      const removed = verify(...lines.toSpliced(at, 1)).faults;
      if (at > 0) t.match(removed, [{ line: at + 1, reason: `line ${at + 1} is missing before it` }]);
      else
        t.equal(verify(...lines.slice(1)).notes.length, 1, 'a chain may begin before the file, and the note says it');
      const changed = verify(...lines.with(at, line.replace('"request"', '"nothing"'))).faults;
      t.match(changed, [{ line: next, reason: `the line before, number ${at + 1}, was changed or exchanged` }]);
      const swapped = verify(...lines.with(at, lines[at + 1] ?? '').with(at + 1, line)).faults;
      t.ok(swapped.length > 0 && (swapped[0]?.line ?? 0) <= at + 3, `exchange at ${at}: ${JSON.stringify(swapped)}`);
    }
    t.match(verify(...lines.toSpliced(at, 0, line)).faults[0], {
      line: at + 2,
      reason: `line ${at + 1} stands behind line ${at + 1}: it was inserted, duplicated or moved`,
    });
    const forged = new Chain(at, 'f'.repeat(64)).add('request', {});
    t.ok(verify(...lines.toSpliced(at, 0, forged)).faults.length > 0, `insertion at ${at}`);
    const torn = verify(...lines.with(at, isLast ? line.slice(0, -9) : `${line.slice(0, -9)}\n`)).faults;
    t.equal(torn[0]?.line, at + 1, `tear at ${at}`);
  }
  t.end();
});

t.test('a chain goes on through rotated files, and a missing file shows', (t) => {
  const chain = new Chain();
  const files = ['2', '1', '0'].map((name) => ({ name, text: writeLines(3, chain).join('') }));
  const [oldest, middle, newest] = files;
  if (oldest === undefined || middle === undefined || newest === undefined) throw new TypeError('three files');
  t.strictSame(verifyFiles(files).faults, []);
  t.match(verifyFiles([oldest, newest]).faults, [{ file: '0', line: 1, reason: 'lines 4 to 6 are missing before it' }]);
  t.match(verifyFiles([middle, oldest]).faults[0], { file: '2', line: 1 });
  t.match(verifyFiles([newest]), { faults: [], notes: [{ reason: /continues from line 6/ }] });
  t.end();
});

t.test('a torn end that a start repaired is a note, and one that it did not see is a fault', (t) => {
  const lines = writeLines(3);
  const piece = '{"seq":4,"pr';
  const tail = readTail(Buffer.from(lines.join('') + piece), true);
  t.equal(tail.torn?.toString(), piece);
  const repaired = tail.chain.add('torn', { hash: hash(piece) });
  t.match(verify(...lines, `${piece}\n`, repaired), { faults: [], notes: [{ line: 4 }] });
  t.match(verify(...lines, `${piece}x\n`, repaired).faults, [{ line: 4 }], 'the piece was changed');
  t.match(verify(...lines, piece).faults, [{ line: 4, reason: 'the last line is torn' }]);
  t.end();
});

t.test('a request that was announced and not concluded is found', (t) => {
  const chain = new Chain();
  const text = [
    chain.add('announced', { id: 'a', changes: [] }),
    chain.add('announced', { id: 'b', changes: [{ file: 'b.conflist', before: null, after: 'f' }] }),
    chain.add('request', { id: 'a', changes: [] }),
  ].join('');
  t.match(readTail(Buffer.from(text), true).unconcluded, [{ id: 'b', changes: [{ file: 'b.conflist' }] }]);
  t.end();
});
