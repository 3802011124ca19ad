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
  { folder, networks }: TestService & { readonly folder: string },
): Promise<readonly string[]> {
  const seen = (await networks.list(acceptAll)).map(({ network }) => network.name);
  const again = makeService(folder);
  t.same(
    (await again.networks.list(acceptAll)).map(({ network }) => network.name),
    seen,
    'a new daemon sees the same',
  );
  again.close();
  return seen;
}

t.test('removes by name, by id, and by the beginning of an id', async (t) => {
  const made = start(t);
  const { networks, folder, removedBridges } = made;
  for (const name of ['a', 'b', 'c']) await networks.create(request(name));
  t.match(await networks.remove('a', false), { network: { name: 'a' }, warnings: [] });
  t.match(await networks.remove(networkId('b'), false), { network: { name: 'b' } });
  t.match(await networks.remove(networkId('c').slice(0, 9), false), { network: { name: 'c' } });
  t.same(conflists(folder), []);
  t.same(removedBridges, ['cni-podman1', 'cni-podman2', 'cni-podman3']);
  t.same(await names(t, made), ['podman']);
  t.match(
    (await networks.create(request('d'))).network,
    { networkInterface: 'cni-podman1' },
    'its name and subnet are free again',
  );
});

t.test('a network in use stays, however a client names it', async (t) => {
  const made = start(t);
  const { networks, users } = made;
  await networks.create(request('web'));
  users.set('web', ['front', 'back']);
  for (const given of ['web', networkId('web'), networkId('web').slice(0, 12)]) {
    await t.rejects(networks.remove(given, false), {
      kind: 'inUse',
      root: 'network is being used',
      message:
        '"web" has associated containers with it. Disconnect or remove them first: front, back: network is being used',
    });
    await t.rejects(networks.remove(given, true), {
      kind: 'inUse',
      message: /podnetd runs no containers and cannot force them off/,
    });
  }
  t.same(await networks.prune(acceptAll), []);
  t.same(await names(t, made), ['web', 'podman']);
  users.clear();
  await networks.remove('web', false);
});

t.test('the default network stays, with and without a file', async (t) => {
  const { networks, folder } = start(t);
  const refusal = { kind: 'forbidden', message: 'default network podman cannot be removed' };
  await t.rejects(networks.remove('podman', true), refusal);
  await t.rejects(networks.remove(networkId('podman'), false), refusal);
  const made = await networks.create(request('x'));
  const text = readFileSync(made.path ?? '', 'utf8').replaceAll('"x"', '"podman"');
  writeFileSync(path.join(folder, 'podman.conflist'), text);
  await t.rejects(networks.remove('podman', false), refusal);
  t.same(
    (await networks.prune(acceptAll)).map(({ network }) => network?.network.name),
    ['x'],
  );
  t.same(conflists(folder), ['podman.conflist']);
});

t.test('a foreign file is not removed', async (t) => {
  const { networks, folder } = start(t);
  const made = await networks.create(request('mine'));
  const text = readFileSync(made.path ?? '', 'utf8').replaceAll('10.89.0', '10.99.0');
  const theirs: Readonly<Record<string, string>> = {
    // The name of the file, a key, the chain, or a key of a plugin shows that it is foreign.
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
    await t.rejects(networks.remove(name, true), {
      kind: 'forbidden',
      message: new RegExp(`network ${name} cannot be removed: .*\\.conflist`),
    });
  }
  t.same(
    (await networks.prune(acceptAll)).map(({ network }) => network?.network.name),
    ['mine'],
  );
  t.same(conflists(folder).toSorted(), Object.keys(theirs).toSorted());
});

t.test('prune removes unused networks that match', async (t) => {
  const made = start(t);
  const { networks, users, removedBridges } = made;
  for (const name of ['a', 'b', 'c'])
    await networks.create(request(name, { labels: new Map([['keep', name === 'b' ? 'no' : 'yes']]) }));
  users.set('a', ['front']);
  const outcome = await networks.prune(({ network }) => network.labels.get('keep') === 'yes');
  t.match(outcome, [{ network: { network: { name: 'c' } }, error: undefined }]);
  t.same(removedBridges, ['cni-podman3']);
  t.same(await names(t, made), ['a', 'b', 'podman']);
});

t.test('a bridge stays while another network names it, and a bridge in use is a warning', async (t) => {
  const { networks, folder, removedBridges } = start(t);
  const made = await networks.create(request('one', { networkInterface: 'br-shared' }));
  const other = readFileSync(made.path ?? '', 'utf8')
    .replaceAll('"one"', '"two"')
    .replaceAll('10.89.0', '10.99.0');
  writeFileSync(path.join(folder, 'two.conflist'), other);
  await networks.create(request('three', { networkInterface: 'br-busy' }));
  t.same((await networks.remove('one', false)).warnings, []);
  t.same(removedBridges, []);
  await networks.remove('two', false);
  t.same(removedBridges, ['br-shared']);
  t.same((await networks.remove('three', false)).warnings, ['bridge br-busy stays: veth0 is plugged into it']);
});

t.test('rules are looked for only after a bridge was there, and only if plugins write them', async (t) => {
  const { networks, removedRules } = start(t);
  const isolate = { options: new Map([['isolate', 'true']]) };
  await networks.create(request('plain', { networkInterface: 'br-plain' }));
  await networks.create(request('never', { networkInterface: 'br-idle', ...isolate }));
  await networks.create(request('held', { networkInterface: 'br-busy', ...isolate }));
  for (const name of ['plain', 'never', 'held']) await networks.remove(name, false);
  t.strictSame(removedRules, [], 'no program is started');
  await networks.create(request('v4', { networkInterface: 'br-v4', ...isolate }));
  t.strictSame((await networks.remove('v4', false)).warnings, []);
  t.strictSame(removedRules, [{ bridges: ['br-v4'], hasIpv6: false }]);
  await networks.create(request('one', { networkInterface: 'br-ruled', ...isolate }));
  await networks.create(request('two', { networkInterface: 'br-two', ipv6Enabled: true, ...isolate }));
  await networks.create(request('three', { networkInterface: 'br-three' }));
  const outcomes = await networks.prune(acceptAll);
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
  const { networks, folder } = made;
  await networks.create(request('a'));
  const rival = new KernelLock(path.join(folder, 'cni.lock'));
  t.ok(await rival.acquire(AbortSignal.timeout(5000)));
  const removals = [networks.remove('a', false), networks.remove('a', false)];
  // Removals look for leftovers first, and queue up then.
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const creations = [networks.create(request('a')), networks.create(request('b'))];
  rival.release();
  const settled = await Promise.allSettled([...removals, ...creations]);
  t.match(settled, [
    { status: 'fulfilled' },
    { status: 'rejected', reason: { kind: 'notFound' } },
    { status: 'fulfilled', value: { network: { name: 'a' } } },
    { status: 'fulfilled' },
  ]);
  const again = settled[2] as PromiseFulfilledResult<{ readonly network: { readonly networkInterface: string } }>;
  t.equal(again.value.network.networkInterface, 'cni-podman1', 'the batch may use the names that it removes');
  t.same((await names(t, made)).toSorted(), ['a', 'b', 'podman']);
});

const many = Array.from({ length: 250 }, (_, index) => `n${String(index).padStart(3, '0')}`);

t.test('a prune of many networks lets other requests write between its commits', async (t) => {
  const made = start(t);
  const { networks, folder, users } = made;
  await Promise.all(many.map(async (name) => await networks.create(request(name))));
  users.set('n007', ['front']);
  let left = 0;
  const creating = async () => {
    await networks.create(request('late'));
    left = conflists(folder).length;
  };
  const [outcomes] = await Promise.all([networks.prune(acceptAll), creating()]);
  t.same(
    outcomes.map(({ network }) => network?.network.name).filter((name) => name !== 'late'),
    many.filter((name) => name !== 'n007'),
    'each once, in the order of the files',
  );
  t.ok(left > 2, 'a request that came meanwhile did not wait for the end');
  t.same(
    outcomes.filter(({ error, warnings }) => error !== undefined || warnings.length > 0),
    [],
  );
  t.ok((await names(t, made)).includes('n007'));
});

t.test('a prune reports the removals before a failure beside it', async (t) => {
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
  const { networks, folder } = start(t, new Failing());
  await Promise.all(many.map(async (name) => await networks.create(request(name))));
  failing = changes + 2;
  const outcomes = await networks.prune(acceptAll);
  t.equal(outcomes.filter(({ error }) => error === undefined).length, many.length - conflists(folder).length);
  t.match(outcomes.at(-1), { network: undefined, error: { kind: 'storage', message: /EIO/ } });
  t.ok(conflists(folder).length > 0);
  failing = changes + 1;
  await t.rejects(networks.prune(acceptAll), { kind: 'storage', message: /EIO/ }, 'nothing was removed before');
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
  const { networks, folder, removedBridges } = made;
  await networks.create(request('a'));
  await t.rejects(networks.remove('a', false), { kind: 'storage', message: /EROFS/ });
  t.match(await networks.prune(acceptAll), [{ network: { network: { name: 'a' } }, error: { kind: 'storage' } }]);
  t.same(removedBridges, []);
  t.ok(existsSync(path.join(folder, 'a.conflist')));
  t.same(await names(t, made), ['a', 'podman']);
});

t.test('a network that moved to another file is removed from there', async (t) => {
  const { networks, folder } = start(t);
  await networks.create(request('a'));
  await networks.create(request('b'));
  renameSync(path.join(folder, 'a.conflist'), path.join(folder, 'b2.conflist'));
  await t.rejects(networks.remove('a', false), { kind: 'forbidden', message: /b2\.conflist/ });
});
