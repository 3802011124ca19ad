import { unlinkSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { AttachmentIndex } from '../../src/cni/attachments/attachment-index.js';
import { Leases } from '../../src/cni/attachments/leases.js';
import { ResultCache } from '../../src/cni/attachments/result-cache.js';
import { Files } from '../../src/host/files/files.js';
import { Namespaces } from '../../src/host/namespaces/namespaces.js';
import { readProcesses } from '../../src/host/programs/process-table.js';
import { acceptAll } from '../../src/model/filters/filters.js';
import { networkId } from '../../src/model/names.js';
import { cacheEntry, seeLeasesIn, writeCacheEntry, writeLease } from '../support/cache-entry.js';
import { makeNetns } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { makeService, request } from '../support/service.js';
import { missing } from '../support/tools.js';

const skip = missing('ip');

function start(t: Test) {
  const folder = makeScratch(t);
  const cacheDir = path.join(folder, 'cni');
  const files = new Files();
  const living = { namespaces: new Namespaces('/run/netns'), readProcesses };
  const results = new ResultCache(cacheDir, files, (problem) => t.fail(problem.reason));
  const leaseDir = path.join(folder, 'networks');
  const attachments = new AttachmentIndex(results, new Leases(seeLeasesIn(leaseDir), files), living);
  const made = makeService(folder, { files, attachments });
  t.teardown(() => {
    made.close();
    results.close();
  });
  const pruned = async () => (await made.networks.prune(acceptAll)).map(({ network }) => network?.network.name);
  return { ...made, cacheDir, leaseDir, pruned };
}

const podman = (name: string) => ({ cniArgs: [['K8S_POD_NAME', name]] as const });

t.test('an attachment in a living namespace keeps its network, however a client names it', { skip }, async (t) => {
  const { networks, cacheDir, pruned } = start(t);
  const netns = makeNetns(t);
  for (const name of ['web', 'idle']) await networks.create(request(name));
  const file = writeCacheEntry(cacheDir, cacheEntry('web', 'c0ffee', { netns: netns.path, ...podman('front') }));
  for (const given of ['web', networkId('web'), networkId('web').slice(0, 12)]) {
    for (const force of [false, true]) {
      await t.rejects(networks.remove(given, force), { kind: 'inUse', message: /"web" has associated .*front/ });
    }
  }
  t.same(await pruned(), ['idle']);
  unlinkSync(file);
  t.same(await pruned(), ['web'], 'after the DEL');
});

t.test('a dead attachment does not keep its network', { skip }, async (t) => {
  const { networks, cacheDir, pruned } = start(t);
  for (const name of ['web', 'db']) await networks.create(request(name));
  const netns = `/run/netns/podnetd-test-${process.pid}-gone`;
  for (const name of ['web', 'db']) writeCacheEntry(cacheDir, cacheEntry(name, 'c0ffee', { netns }));
  t.match(await networks.remove('web', false), { network: { name: 'web' } });
  t.same(await pruned(), ['db']);
});

t.test('a lease keeps its network while its holder lives', { skip }, async (t) => {
  const { networks, leaseDir, pruned } = start(t);
  const netns = makeNetns(t);
  for (const name of ['web', 'idle']) await networks.create(request(name, { ipamDriver: 'host-local' }));
  writeLease(leaseDir, 'web', '10.89.0.2', netns.name);
  writeLease(leaseDir, 'idle', '10.89.1.2', `${netns.name}-gone`);
  await t.rejects(networks.remove('web', false), { kind: 'inUse', message: new RegExp(netns.name) });
  t.same(await pruned(), ['idle']);
  unlinkSync(path.join(leaseDir, 'web/10.89.0.2'));
  t.match(await networks.remove('web', false), { network: { name: 'web' } });
});
