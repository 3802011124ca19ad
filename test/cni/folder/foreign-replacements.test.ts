import { linkSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { exchangeNames } from '../../../src/host/files/exchange-names.js';
import type { FileStamp } from '../../../src/host/files/file-stamp.js';
import { Files } from '../../../src/host/files/files.js';
import { makeScratch } from '../../support/scratch.js';
import { openStore } from './open-store.js';

/** A reader shows the file before until another podnetd's replacement of it is durable, whatever the reader knew, and whenever it looks. */

/** Acts between the look at the temporary names and the look at the file. */
class InterruptedFiles extends Files {
  interrupt: (() => void) | undefined;

  override stamp(target: string): FileStamp | undefined {
    if (target.endsWith('.conflist')) {
      this.interrupt?.();
      this.interrupt = undefined;
    }
    return super.stamp(target);
  }
}

const textOf = (version: number) =>
  JSON.stringify({
    args: { podman_labels: { version: String(version) } },
    cniVersion: '0.4.0',
    name: 'web',
    plugins: [
      {
        type: 'bridge',
        bridge: 'br0',
        isGateway: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: '10.1.0.0/24' }]] },
      },
    ],
  });

function open(t: Test) {
  const folder = makeScratch(t);
  const files = new InterruptedFiles();
  const { store } = openStore(folder, files, () => true);
  t.teardown(() => store.close());
  const target = path.join(folder, 'web.conflist');
  const [temporary, mark] = ['tmp', 'old'].map((kind) => path.join(folder, `.podnetd-0123456789abcdef.${kind}`)) as [
    string,
    string,
  ];
  return {
    store,
    files,
    /** Another program's file, which is there at once. */
    put(version: number) {
      writeFileSync(path.join(folder, 'aside'), textOf(version));
      renameSync(path.join(folder, 'aside'), target);
    },
    stage: (version: number) => writeFileSync(temporary, textOf(version)),
    replace() {
      linkSync(target, mark);
      exchangeNames(temporary, target);
    },
    finish() {
      unlinkSync(temporary);
      unlinkSync(mark);
    },
    async shown() {
      // inotify delivers what has happened.
      await sleep(20);
      return (await store.list())
        .filter(({ path: file }) => file !== undefined)
        .map(({ network }) => network.labels.get('version'));
    },
  };
}

const moments = ['before the look at the file', 'before the look at the names'];
const knowledge = ['the file before', 'an earlier file', 'no file'];

for (const moment of moments) {
  for (const known of knowledge) {
    // A reader does not look at a file that it knows before the event of its replacement.
    if (moment === 'before the look at the file' && known === 'the file before') continue;
    t.test(`replaced ${moment}, by a reader that knows ${known}`, async (t) => {
      const { store, files, put, stage, replace, finish, shown } = open(t);
      if (known === 'an earlier file') put(0);
      if (known === 'the file before') put(1);
      await store.list();
      if (known !== 'the file before') put(1);
      stage(2);
      if (moment === 'before the look at the file') files.interrupt = replace;
      else replace();
      t.same(await shown(), ['1'], 'the former file counts');
      t.same(await shown(), ['1'], 'also at the next look');
      finish();
      t.same(await shown(), ['2'], 'the new file counts when the change is done');
    });
  }
}

for (const known of ['an earlier file', 'no file']) {
  t.test(`replaced and done during the look, by a reader that knows ${known}`, async (t) => {
    const { store, files, put, stage, replace, finish, shown } = open(t);
    if (known === 'an earlier file') put(0);
    await store.list();
    put(1);
    stage(2);
    files.interrupt = () => {
      replace();
      finish();
    };
    t.match(await shown(), [/^[12]$/], 'one of the two files counts');
    t.same(await shown(), ['2']);
  });
}
