import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { NetworkError } from '../../../src/model/errors/errors.js';
import { networkId } from '../../../src/model/names.js';
import type { AttachmentRuntime } from '../../../src/network/dependencies/runtime.js';
import { ScopedReader } from '../../../src/network/scope/scoped-reader.js';
import { ScopedRuntime } from '../../../src/network/scope/scoped-runtime.js';
import { makeScratch } from '../../support/scratch.js';
import { makeService, request } from '../../support/service.js';

const scope = { key: 'team', value: 'x' };

const none: Pick<AttachmentRuntime, 'known' | 'repair'> = {
  known: async () => await Promise.resolve({ all: () => [], ofContainer: () => [] }),
  repair: async () => await Promise.resolve([]),
};

const attachmentOn = (networkName: string) => ({
  networkName,
  containerId: 'c1',
  ifName: 'eth0',
  containerName: undefined,
  netns: undefined,
  mark: undefined,
  macAddress: undefined,
  addresses: [],
  aliases: [],
  dnsServers: [],
  dnsSearchDomains: [],
  portMappings: [],
});

t.test('an attachment is removed by the name of its network, which may be the beginning of an id', async (t) => {
  const { networks, store, close } = makeService(makeScratch(t));
  t.teardown(close);
  const short = networkId('web').slice(0, 1);
  await networks.create(request('web', { labels: new Map([['team', 'x']]) }));
  // Its label was taken away meanwhile.
  await networks.create(request(short));
  const removed: string[] = [];
  const act = async ({ networkName }: { readonly networkName: string }) =>
    await Promise.resolve(void removed.push(networkName));
  const all = { ...none, remove: act, release: act } as unknown as AttachmentRuntime;
  const runtime = new ScopedRuntime(all, new ScopedReader(store, scope));
  const gone = { code: 'networkNotFound' };
  await t.rejects(runtime.remove(attachmentOn(short), true), gone);
  await t.rejects(runtime.release(attachmentOn(short), await store.find(short)), gone);
  t.strictSame(removed, []);
  await runtime.remove(attachmentOn('web'), true);
  t.strictSame(removed, ['web']);
});

t.test('an intent or a record that cannot be read is not named', async (t) => {
  const folder = makeScratch(t);
  const { store, close } = makeService(folder);
  t.teardown(close);
  writeFileSync(path.join(folder, 'lab-c1-eth0'), '');
  const fail = () => {
    throw new NetworkError('storageFailed', {
      path: path.join(folder, 'lab-c1-eth0'),
      operation: 'open',
      reason: 'EACCES: permission denied',
    });
  };
  const failing = {
    ...none,
    unfinished: fail,
    known: async () => await Promise.resolve().then(fail),
    repair: none.repair,
  };
  const all = { ...failing, repair: async () => await Promise.resolve().then(fail) } as unknown as AttachmentRuntime;
  const runtime = new ScopedRuntime(all, new ScopedReader(store, scope));
  const unnamed = { code: 'recordsUnreadable' };
  t.throws(() => runtime.unfinished(), unnamed);
  t.throws(() => runtime.host.unfinished(), unnamed);
  await t.rejects(runtime.known(), unnamed);
  await t.rejects(runtime.host.known(), unnamed);
  await t.rejects(
    runtime.repair(() => true, { patient: false }),
    unnamed,
  );
});
