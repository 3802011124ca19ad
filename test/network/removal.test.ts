import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { Files } from '../../src/host/files/files.js';
import { KernelLock } from '../../src/host/file-locks/kernel-lock.js';
import { NetworkError } from '../../src/model/errors/errors.js';
import { acceptAll } from '../../src/model/filters/filters.js';
import { networkId } from '../../src/model/names.js';
import { makeScratch } from '../support/scratch.js';
import { makeService, request, type TestService } from '../support/service.js';

function start(t: Test, files?: Files): TestService & { readonly folder: string } {
  const folder = makeScratch(t);
  const made = makeService(folder, files === undefined ? {} : { files });
  t.teardown(() => made.close());
  return { ...made, folder };
}

const conflists = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.conflist'));

async function names(
  t: Test,
  { folder, service }: TestService & { readonly folder: string },
): Promise<readonly string[]> {
  const seen = (await service.list(acceptAll)).map(({ network }) => network.name);
  const again = makeService(folder);
  t.same(
    (await again.service.list(acceptAll)).map(({ network }) => network.name),
    seen,
    'a new daemon sees the same',
  );
  again.close();
  return seen;
}

t.test('removes by name, by id, and by the beginning of an id', async (t) => {
  const made = start(t);
  const { service, folder, removedBridges } = made;
  for (const name of ['a', 'b', 'c']) await service.create(request(name));
  t.match(await service.remove('a', false), { network: { name: 'a' }, warnings: [] });
  t.match(await service.remove(networkId('b'), false), { network: { name: 'b' } });
  t.match(await service.remove(networkId('c').slice(0, 9), false), { network: { name: 'c' } });
  t.same(conflists(folder), []);
  t.same(removedBridges, ['cni-podman1', 'cni-podman2', 'cni-podman3']);
  t.same(await names(t, made), ['podman']);
  t.match(
    (await service.create(request('d'))).network,
    { networkInterface: 'cni-podman1' },
    'what is gone is free again',
  );
});

t.test('a network in use stays, however it is called', async (t) => {
  const made = start(t);
  const { service, users } = made;
  await service.create(request('web'));
  users.set('web', ['front', 'back']);
  for (const given of ['web', networkId('web'), networkId('web').slice(0, 12)]) {
    await t.rejects(service.remove(given, false), {
      kind: 'inUse',
      root: 'network is being used',
      message:
        '"web" has associated containers with it. Disconnect or remove them first: front, back: network is being used',
    });
    await t.rejects(service.remove(given, true), {
      kind: 'inUse',
      message: /podnetd runs no containers and cannot force them off/,
    });
  }
  t.same(await service.prune(acceptAll), []);
  t.same(await names(t, made), ['web', 'podman']);
  users.clear();
  await service.remove('web', false);
});

t.test('the default network stays, with and without a file', async (t) => {
  const { service, folder } = start(t);
  const refusal = { kind: 'forbidden', message: 'default network podman cannot be removed' };
  await t.rejects(service.remove('podman', true), refusal);
  await t.rejects(service.remove(networkId('podman'), false), refusal);
  const made = await service.create(request('x'));
  const text = readFileSync(made.path ?? '', 'utf8').replaceAll('"x"', '"podman"');
  writeFileSync(path.join(folder, 'podman.conflist'), text);
  await t.rejects(service.remove('podman', false), refusal);
  t.same(
    (await service.prune(acceptAll)).map(({ network }) => network?.network.name),
    ['x'],
  );
  t.same(conflists(folder), ['podman.conflist']);
});

t.test("nobody else's file is removed", async (t) => {
  const { service, folder } = start(t);
  const made = await service.create(request('mine'));
  const text = readFileSync(made.path ?? '', 'utf8').replaceAll('10.89.0', '10.99.0');
  const theirs: Readonly<Record<string, string>> = {
    // Told by the name of the file, by a key, by the chain, by a key of the plugin.
    '10-renamed.conflist': text.replaceAll('"mine"', '"renamed"'),
    'nerdctl-net.conflist': text
      .replaceAll('"mine"', '"nerdctl-net"')
      .replace('"cniVersion"', '"nerdctlID": 5, "cniVersion"'),
    'chain.conflist': text.replaceAll('"mine"', '"chain"').replaceAll('"tuning"', '"bandwidth"'),
    'plugin.conflist': text
      .replaceAll('"mine"', '"plugin"')
      .replace('"hairpinMode"', '"macspoofchk": true, "hairpinMode"'),
    'loop.conflist': JSON.stringify({ cniVersion: '1.0.0', name: 'loop', plugins: [{ type: 'loopback' }] }),
  };
  for (const [file, content] of Object.entries(theirs)) writeFileSync(path.join(folder, file), content);
  for (const name of ['renamed', 'nerdctl-net', 'chain', 'plugin', 'loop']) {
    await t.rejects(service.remove(name, true), {
      kind: 'forbidden',
      message: new RegExp(`network ${name} cannot be removed: .*\\.conflist`),
    });
  }
  t.same(
    (await service.prune(acceptAll)).map(({ network }) => network?.network.name),
    ['mine'],
  );
  t.same(conflists(folder).toSorted(), Object.keys(theirs).toSorted());
});

t.test('prune removes what is unused and wanted', async (t) => {
  const made = start(t);
  const { service, users, removedBridges } = made;
  for (const name of ['a', 'b', 'c'])
    await service.create(request(name, { labels: new Map([['keep', name === 'b' ? 'no' : 'yes']]) }));
  users.set('a', ['front']);
  const outcome = await service.prune(({ network }) => network.labels.get('keep') === 'yes');
  t.match(outcome, [{ network: { network: { name: 'c' } }, error: undefined }]);
  t.same(removedBridges, ['cni-podman3']);
  t.same(await names(t, made), ['a', 'b', 'podman']);
});

t.test('a bridge stays while another network names it, and a bridge in use is told', async (t) => {
  const { service, folder, removedBridges } = start(t);
  const made = await service.create(request('one', { networkInterface: 'br-shared' }));
  const other = readFileSync(made.path ?? '', 'utf8')
    .replaceAll('"one"', '"two"')
    .replaceAll('10.89.0', '10.99.0');
  writeFileSync(path.join(folder, 'two.conflist'), other);
  await service.create(request('three', { networkInterface: 'br-busy' }));
  t.same((await service.remove('one', false)).warnings, []);
  t.same(removedBridges, []);
  await service.remove('two', false);
  t.same(removedBridges, ['br-shared']);
  t.same((await service.remove('three', false)).warnings, ['bridge br-busy stays: veth0 is plugged into it']);
});

t.test('rules are looked for where a bridge was, and where plugins write such', async (t) => {
  const { service, removedRules } = start(t);
  const isolate = { options: new Map([['isolate', 'true']]) };
  await service.create(request('plain', { networkInterface: 'br-plain' }));
  await service.create(request('never', { networkInterface: 'br-idle', ...isolate }));
  await service.create(request('held', { networkInterface: 'br-busy', ...isolate }));
  for (const name of ['plain', 'never', 'held']) await service.remove(name, false);
  t.strictSame(removedRules, [], 'no program is started');
  await service.create(request('v4', { networkInterface: 'br-v4', ...isolate }));
  t.strictSame((await service.remove('v4', false)).warnings, []);
  t.strictSame(removedRules, [{ bridges: ['br-v4'], hasIpv6: false }]);
  await service.create(request('one', { networkInterface: 'br-ruled', ...isolate }));
  await service.create(request('two', { networkInterface: 'br-two', ipv6Enabled: true, ...isolate }));
  await service.create(request('three', { networkInterface: 'br-three' }));
  const outcomes = await service.prune(acceptAll);
  t.strictSame(removedRules.slice(1), [{ bridges: ['br-ruled', 'br-two'], hasIpv6: true }], 'once for a batch');
  t.strictSame(
    outcomes.map(({ network, warnings }) => [network?.network.name, warnings]),
    [
      ['one', ['rules for bridge br-ruled may be left']],
      ['three', []],
      ['two', ['rules for bridge br-ruled may be left']],
    ],
  );
});

t.test('creations and removals that meet in one batch', async (t) => {
  const made = start(t);
  const { service, folder } = made;
  await service.create(request('a'));
  const rival = new KernelLock(path.join(folder, 'cni.lock'));
  t.ok(await rival.acquire(AbortSignal.timeout(5000)));
  const removals = [service.remove('a', false), service.remove('a', false)];
  // They look for what others left first, and queue up then.
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const creations = [service.create(request('a')), service.create(request('b'))];
  rival.release();
  const settled = await Promise.allSettled([...removals, ...creations]);
  t.match(settled, [
    { status: 'fulfilled' },
    { status: 'rejected', reason: { kind: 'notFound' } },
    { status: 'fulfilled', value: { network: { name: 'a' } } },
    { status: 'fulfilled' },
  ]);
  const again = settled[2] as PromiseFulfilledResult<{ readonly network: { readonly networkInterface: string } }>;
  t.equal(again.value.network.networkInterface, 'cni-podman1', 'what the batch removes, the batch may use');
  t.same((await names(t, made)).toSorted(), ['a', 'b', 'podman']);
});

const many = Array.from({ length: 250 }, (_, index) => `n${String(index).padStart(3, '0')}`);

t.test('a prune of many lets others write between its commits', async (t) => {
  const made = start(t);
  const { service, folder, users } = made;
  await Promise.all(many.map(async (name) => await service.create(request(name))));
  users.set('n007', ['front']);
  let left = 0;
  const creating = async () => {
    await service.create(request('late'));
    left = conflists(folder).length;
  };
  const [outcomes] = await Promise.all([service.prune(acceptAll), creating()]);
  t.same(
    outcomes.map(({ network }) => network?.network.name).filter((name) => name !== 'late'),
    many.filter((name) => name !== 'n007'),
    'each once, in the order of the files',
  );
  t.ok(left > 2, 'who came meanwhile did not wait for the end');
  t.same(
    outcomes.filter(({ error, warnings }) => error !== undefined || warnings.length > 0),
    [],
  );
  t.ok((await names(t, made)).includes('n007'));
});

t.test('what was pruned before a failure is told beside it', async (t) => {
  let changes = 0;
  class Failing extends Files {
    override makeFolder(folder: string, mode?: number) {
      changes += 1;
      if (changes === failing)
        throw new NetworkError('storageFailed', { path: folder, operation: 'mkdir', reason: 'EIO' });
      super.makeFolder(folder, mode);
    }
  }
  let failing = Infinity;
  const { service, folder } = start(t, new Failing());
  await Promise.all(many.map(async (name) => await service.create(request(name))));
  failing = changes + 2;
  const outcomes = await service.prune(acceptAll);
  t.equal(outcomes.filter(({ error }) => error === undefined).length, many.length - conflists(folder).length);
  t.match(outcomes.at(-1), { network: undefined, error: { kind: 'storage', message: /EIO/ } });
  t.ok(conflists(folder).length > 0);
  failing = changes + 1;
  await t.rejects(service.prune(acceptAll), { kind: 'storage', message: /EIO/ }, 'nothing was removed before');
});

t.test('a removal that the disk refuses changes nothing', async (t) => {
  class Refusing extends Files {
    override async change(folder: string, groups: Parameters<Files['change']>[1]) {
      const refusal = new NetworkError('storageFailed', {
        path: folder,
        operation: 'unlink',
        reason: 'EROFS: read-only file system',
      });
      const isRemoval = groups.some(({ changes }) => changes.some(({ after }) => after === undefined));
      return isRemoval ? groups.map(({ changes }) => changes.map(() => refusal)) : await super.change(folder, groups);
    }
  }
  const made = start(t, new Refusing());
  const { service, folder, removedBridges } = made;
  await service.create(request('a'));
  await t.rejects(service.remove('a', false), { kind: 'storage', message: /EROFS/ });
  t.match(await service.prune(acceptAll), [{ network: { network: { name: 'a' } }, error: { kind: 'storage' } }]);
  t.same(removedBridges, []);
  t.ok(existsSync(path.join(folder, 'a.conflist')));
  t.same(await names(t, made), ['a', 'podman']);
});

t.test('a network that moved to another file is removed from there', async (t) => {
  const { service, folder } = start(t);
  await service.create(request('a'));
  await service.create(request('b'));
  renameSync(path.join(folder, 'a.conflist'), path.join(folder, 'b2.conflist'));
  await t.rejects(service.remove('a', false), { kind: 'forbidden', message: /b2\.conflist/ });
});
