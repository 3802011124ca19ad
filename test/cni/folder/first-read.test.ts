import { renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { Files } from '../../../src/host/files/files.js';
import type { ReadOutcome } from '../../../src/host/files/read-file.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { makeScratch } from '../../support/scratch.js';
import { openStore } from './open-store.js';

/** A folder that is read for the first time is read in several turns of the event loop, and what changes meanwhile is not missed. */

const count = 1_500;

/** Counts reads, and calls back before each. */
class CountedFiles extends Files {
  reads = 0;

  constructor(private readonly onRead: (reads: number) => void = () => undefined) {
    super();
  }

  override read(target: string, limitBytes: number): ReadOutcome | undefined {
    this.reads += 1;
    this.onRead(this.reads);
    return super.read(target, limitBytes);
  }
}

function write(folder: string, name: string, bridge = name): void {
  const text = JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type: 'bridge', bridge }] });
  writeFileSync(path.join(folder, `${name}.conflist`), text);
}

function fill(t: Test): string {
  const folder = makeScratch(t);
  for (let index = 0; index < count; index += 1) write(folder, `net${index}`);
  return folder;
}

const networksOf = async ({ store }: ReturnType<typeof openStore>) =>
  (await store.list()).map(({ network: { name, networkInterface } }) => `${name} ${networkInterface}`);

t.test('other work has its turns while files are read', async (t) => {
  const folder = fill(t);
  const files = new CountedFiles();
  const opened = openStore(folder, files);
  const seen = new Set<number>();
  let isOver = false;
  const watch = () => {
    seen.add(files.reads);
    if (!isOver) setImmediate(watch);
  };
  watch();
  const lists = await Promise.all([networksOf(opened), networksOf(opened)]);
  isOver = true;
  const between = [...seen].filter((reads) => reads > 0 && reads < count);
  t.ok(between.length > 0, `turns after ${between.join(', ')} reads`);
  t.equal(files.reads, count, 'each file is read once');
  t.same(lists[0], lists[1]);
  t.equal(lists[0].length, count + 1, 'with the default network');
  t.strictSame(opened.changes, [], 'networks that were there are no changes');
  opened.store.close();
});

t.test('what changes while files are read is not missed', async (t) => {
  const folder = fill(t);
  const change = (reads: number) => {
    // Files are read in the order of the folder, so some of these are read already and some are not.
    if (reads !== count / 2) return;
    for (let index = 0; index < count; index += 100) {
      unlinkSync(path.join(folder, `net${index}.conflist`));
      write(folder, `net${index + 1}`, 'changed');
      write(folder, `new${index}`);
      renameSync(path.join(folder, `net${index + 2}.conflist`), path.join(folder, `moved${index}.conflist`));
    }
  };
  const opened = openStore(folder, new CountedFiles(change));
  await opened.store.list();
  const [found, fresh] = [await networksOf(opened), await networksOf(openStore(folder))];
  t.same(found, fresh);
  t.equal(found.filter((text) => text.endsWith(' changed')).length, count / 100);
  t.equal(found.length, count + 1);
  opened.store.close();
});

t.test('a first read that fails is made up for by the next', async (t) => {
  const folder = fill(t);
  let fails = true;
  const files = new CountedFiles((reads) => {
    if (reads !== count / 2 || !fails) return;
    fails = false;
    throw new NetworkError('storageFailed', { operation: 'open', path: folder, reason: 'EMFILE: too many open files' });
  });
  const opened = openStore(folder, files);
  await t.rejects(opened.store.list(), { message: /too many open files/ });
  t.equal((await networksOf(opened)).length, count + 1);
  opened.store.close();
});
