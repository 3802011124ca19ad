import t from 'tap';
import { Chain, writeMembers } from '../../src/audit/chain.js';
import { readTail } from '../../src/audit/tail.js';
import { verifyFiles } from '../../src/audit/verify.js';
import { splitLines } from '../../src/host/files/file-lines.js';
import { sha256 } from '../../src/model/sha256.js';

const count = 12;

function writeLines(length = count, chain = new Chain()): readonly string[] {
  return Array.from({ length }, (_, index) => add(chain, 'request', { id: `r${index}` }));
}

const add = (chain: Chain, event: string, facts: object = {}) =>
  chain.add(event, writeMembers({ time: 'now', ...facts }));

const file = (name: string, text: string | Buffer) => ({ name, lines: splitLines(Buffer.from(text)) });

const verify = (...lines: readonly string[]) => verifyFiles([file('a', lines.join(''))]);

const tailOf = (text: string | Buffer) =>
  readTail((limit) => {
    const bytes = Buffer.from(text);
    return { bytes: bytes.subarray(Math.max(0, bytes.length - limit)), isWhole: bytes.length <= limit };
  });

t.test('a whole chain has no fault, and its head is the last line', (t) => {
  const lines = writeLines();
  const { faults, notes, head } = verify(...lines);
  t.strictSame({ faults, notes }, { faults: [], notes: [] });
  t.strictSame(head, { seq: count, hash: sha256(lines.at(-1)?.trimEnd() ?? '') });
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
    const forged = add(new Chain(at, 'f'.repeat(64)), 'request');
    t.ok(verify(...lines.toSpliced(at, 0, forged)).faults.length > 0, `insertion at ${at}`);
    const torn = verify(...lines.with(at, isLast ? line.slice(0, -9) : `${line.slice(0, -9)}\n`)).faults;
    t.equal(torn[0]?.line, at + 1, `tear at ${at}`);
  }
  t.end();
});

t.test('a chain goes on through rotated files, and a missing file shows', (t) => {
  const chain = new Chain();
  const texts = ['2', '1', '0'].map((name) => [name, writeLines(3, chain).join('')] as const);
  const files = (...places: readonly number[]) =>
    verifyFiles(places.map((place) => file(...(texts[place] ?? ['', '']))));
  t.strictSame(files(0, 1, 2).faults, []);
  t.match(files(0, 2).faults, [{ file: '0', line: 1, reason: 'lines 4 to 6 are missing before it' }]);
  t.match(files(1, 0).faults[0], { file: '2', line: 1 });
  t.match(files(2), { faults: [], notes: [{ reason: /continues from line 6/ }] });
  t.end();
});

t.test('a torn end that a start repaired is a note, and one that it did not see is a fault', (t) => {
  const lines = writeLines(3);
  // A tear within a character of three bytes.
  for (const piece of [Buffer.from('{"seq":4,"pr'), Buffer.from('{"seq":4,"reason":"€').subarray(0, -1)]) {
    const torn = Buffer.concat([Buffer.from(lines.join('')), piece]);
    const tail = tailOf(torn);
    t.strictSame(tail.torn, piece);
    const repaired = add(tail.chain, 'torn', { hash: sha256(piece) });
    const text = (between: string) => Buffer.concat([torn, Buffer.from(`${between}\n${repaired}`)]);
    t.match(verifyFiles([file('a', text(''))]), { faults: [], notes: [{ line: 4 }] });
    t.match(verifyFiles([file('a', text('x'))]).faults, [{ line: 4 }], 'the piece was changed');
    t.match(verifyFiles([file('a', torn)]).faults, [{ line: 4, reason: 'the last line is torn' }]);
  }
  t.end();
});

t.test('the line of a change of thousands of networks is the end of the chain, however long it is', (t) => {
  const chain = new Chain();
  const text = add(chain, 'opened') + add(chain, 'request', { id: 'a', changes: 'x'.repeat(5_000_000) });
  t.strictSame(tailOf(text).chain.head, chain.head);
  t.end();
});

t.test('a request that was announced and has no outcome is found', (t) => {
  const chain = new Chain();
  const text = [
    add(chain, 'announced', { id: 'a', changes: [] }),
    add(chain, 'announced', { id: 'b', changes: [{ file: 'b.conflist', before: null, after: 'f' }] }),
    add(chain, 'request', { id: 'a', changes: [] }),
  ].join('');
  t.match(tailOf(text).open, [{ id: 'b', changes: [{ file: 'b.conflist' }] }]);
  t.match(verify(text), { faults: [], notes: [{ line: 2, reason: /^request b has no outcome yet/ }] });
  t.strictSame(verify(text, add(chain, 'settled', { id: 'b', outcome: 'made' })).notes, []);
  t.end();
});
