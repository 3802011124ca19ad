import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { followStore } from '../../../src/cni/folder/follow.js';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { Files } from '../../../src/host/files/files.js';
import { pastEvents } from '../../support/past-events.js';
import { makeScratch } from '../../support/scratch.js';
import { makeService } from '../../support/service.js';

class BlindFiles extends Files {
  override watch(): undefined {
    return undefined;
  }
}

const conflist = (name: string) =>
  JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type: 'bridge', bridge: 'br0', isGateway: true }] });

async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1_000 && !holds(); tries += 1) await sleep(10);
}

for (const [label, files] of [
  ['with inotify', new Files()],
  ['without inotify', new BlindFiles()],
] as const) {
  t.test(`changes of other programs are noticed without a request, ${label}`, async (t) => {
    const folder = path.join(makeScratch(t), 'net.d');
    const { services, store, close } = makeService(folder, { files });
    t.teardown(close);
    await services.events.catchUp();
    const stop = followStore(store, (error) => t.fail(String(error)));
    const emitted = () => pastEvents(services.events).map(({ action, network }) => `${action} ${network?.name}`);
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'a.conflist'), conflist('a'));
    await eventually(() => emitted().length === 1);
    t.same(emitted(), ['create a'], 'in a folder that came late');
    writeFileSync(path.join(folder, 'tmp'), conflist('a'));
    renameSync(path.join(folder, 'tmp'), path.join(folder, 'a.conflist'));
    writeFileSync(path.join(folder, 'b.conflist'), conflist('b'));
    await eventually(() => emitted().length === 2);
    t.same(emitted(), ['create a', 'create b'], 'replacing a file is no event');
    rmSync(path.join(folder, 'a.conflist'));
    await eventually(() => emitted().length === 3);
    t.same(emitted().slice(2), ['remove a']);
    stop();
    rmSync(path.join(folder, 'b.conflist'));
    await sleep(100);
    t.equal(emitted().length, 3, 'the folder is not looked at any more');
    await services.events.catchUp();
    t.equal(emitted().length, 4);
  });
}

t.test('a failure that lasts is reported once', async (t) => {
  let looks = 0;
  const store = {
    onStir: undefined as (() => void) | undefined,
    refresh: async () => {
      looks += 1;
      return await Promise.reject(
        new NetworkError('storageFailed', { path: '/x', operation: 'open', reason: 'EACCES' }),
      );
    },
  };
  const failures: unknown[] = [];
  const stop = followStore(store, (error) => failures.push(error));
  for (let tries = 0; tries < 1_000 && looks < 3; tries += 1) {
    store.onStir?.();
    await sleep(10);
  }
  stop();
  t.ok(looks >= 3);
  t.equal(failures.length, 1);
});
