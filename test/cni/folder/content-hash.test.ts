import t from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import { ContentHash } from '../../../src/cni/folder/content-hash.js';
import type { IndexedFile } from '../../../src/cni/folder/indexed-file.js';

function file(number: number, bytes = 0): IndexedFile {
  const name = `n${number}`;
  const plugins = [{ type: 'bridge', bridge: 'x'.repeat(bytes) }];
  const text = JSON.stringify({ cniVersion: '0.4.0', name, plugins });
  return { key: `${name}.conflist`, path: `/${name}.conflist`, decoded: decodeFile(text, true, 0n) };
}

t.test('a prepared hash is that of the files at the time of the question', async (t) => {
  const files = new Set([1, 2, 3].map((number) => file(number)));
  const hash = new ContentHash(() => files);
  const [gone] = files;
  await hash.prepare();
  t.notOk(hash.isKnown);
  const late = file(4);
  files.add(late);
  hash.add(late);
  if (gone !== undefined) {
    files.delete(gone);
    hash.remove(gone);
  }
  const fresh = new ContentHash(() => files).text;
  t.equal(hash.text, fresh);
  t.ok(hash.isKnown);
  await hash.prepare();
  files.delete(late);
  hash.remove(late);
  t.equal(hash.text, new ContentHash(() => files).text, 'a later change costs its own file');
});

t.test('other work has its turn while many files are hashed', async (t) => {
  const files = Array.from({ length: 400 }, (_, number) => file(number, 200_000));
  const hash = new ContentHash(() => files);
  let turns = 0;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  let isDone = false;
  setImmediate(count);
  await hash.prepare();
  isDone = true;
  t.ok(turns > 1, `${turns} turns`);
});
