import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { EtcdStore } from '../../src/fleet/etcd/etcd-store.js';
import { StoreError } from '../../src/fleet/store/claim-store.js';
import { makeCertificates, startEtcd } from '../support/etcd.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const skip = missing('etcd', 'etcdctl', 'openssl');
const soon = (ms = 2_000) => performance.now() + ms;

async function reasonOf(work: Promise<unknown>): Promise<{ readonly kind: string; readonly message: string }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof StoreError) return { kind: error.kind, message: error.message };
    throw error;
  }
  throw new Error('it did not fail');
}

t.test('transactions, ranges and leases', { skip }, async (t) => {
  const etcd = await startEtcd(t);
  const store = new EtcdStore({ endpoints: etcd.endpoints });
  t.teardown(() => store.close());
  const run = async (...[transaction]: Parameters<EtcdStore['run']>) => await store.run(transaction, soon());

  const claim = {
    when: [{ key: '/p/a', value: undefined }],
    success: [
      { kind: 'put', key: '/p/a', value: 'ä 1' },
      { kind: 'put', key: '/p/b', value: '' },
    ],
    failure: [
      { kind: 'read', key: '/p/a' },
      { kind: 'read', key: '/p/none' },
    ],
  } as const;
  const first = await run(claim, 0);
  t.equal(first.isMet, true);
  t.match(first.clusterId, /^\d+$/);
  const second = await run(claim, 0);
  t.equal(second.isMet, false);
  t.strictSame(second.steps, [
    { found: [{ key: '/p/a', value: 'ä 1' }], count: 1 },
    { found: [], count: 0 },
  ]);
  t.equal(second.revision, first.revision, 'a transaction that changes nothing leaves the revision');

  const all = { key: '/p/', end: '/p0' };
  const read = await run(
    {
      when: [
        { key: '/p/a', value: 'ä 1' },
        { key: '/p/b', value: '' },
      ],
      success: [
        { kind: 'count', ...all },
        { kind: 'read', ...all, limit: 1, keysOnly: true },
        { kind: 'delete', key: '/p/b' },
      ],
    },
    0,
  );
  t.strictSame(read.steps, [
    { found: [], count: 2 },
    { found: [{ key: '/p/a', value: '' }], count: 2 },
    { found: [], count: 0 },
  ]);
  t.equal((await run({ when: [{ key: '/p/none', value: '' }], success: [] }, 0)).isMet, false, 'no key has no value');

  const lease = await store.grantLease(180, soon());
  await run({ success: [{ kind: 'put', key: '/p/alive', value: 'x', lease }] }, 0);
  const now = await run({ success: [] }, 0);
  t.match(await store.keepLease(lease, soon()), { isAlive: true, revision: now.revision, clusterId: now.clusterId });
  await store.endLease(lease, soon());
  await store.endLease(lease, soon());
  t.match(await store.keepLease(lease, soon()), { isAlive: false });
  t.equal((await run({ success: [{ kind: 'count', key: '/p/alive' }] }, 0)).steps[0]?.count, 0);
  const refused = await reasonOf(run({ success: [{ kind: 'put', key: '/p/alive', value: 'x', lease }] }, 0));
  t.match(refused, { kind: 'refused', message: /lease not found/ });
  t.match(store.state, { endpoint: etcd.endpoints[0], clusterId: first.clusterId });
});

t.test('a user with a password', { skip }, async (t) => {
  const etcd = await startEtcd(t);
  for (const line of [
    'user add root:r',
    'role add root',
    'user grant-role root root',
    'user add pod:geheim-123',
    'role add pod',
    'role grant-permission pod readwrite --prefix /podnetd/',
    'user grant-role pod pod',
    'auth enable',
  ])
    await etcd.ctl(...line.split(' '));
  const passwordFile = path.join(makeScratch(t), 'password');
  writeFileSync(passwordFile, 'geheim-123\n');
  const settings = { endpoints: etcd.endpoints, user: 'pod', passwordFile };
  const store = new EtcdStore(settings);
  t.teardown(() => store.close());
  const ask = async (key: string) => await store.run({ success: [{ kind: 'read', key }] }, soon());
  await ask('/podnetd/x');

  t.match(await reasonOf(ask('/other')), { kind: 'refused', message: /permission denied/ });
  // A change of roles makes each token old, and a restart forgets them all.
  await etcd.ctl('--user', 'root:r', 'role', 'add', 'another');
  await ask('/podnetd/x');
  const [member] = etcd.members;
  await member?.kill();
  await member?.start();
  await etcd.ready();
  await ask('/podnetd/x');

  const nobody = new EtcdStore({ endpoints: etcd.endpoints });
  t.teardown(() => nobody.close());
  t.match(await reasonOf(nobody.run({ success: [{ kind: 'read', key: '/podnetd/x' }] }, soon())), {
    kind: 'refused',
    message: /user name is empty; .*user and password_file/,
  });
  const unwritten = new EtcdStore({ ...settings, passwordFile: `${passwordFile}s` });
  t.teardown(() => unwritten.close());
  t.match(await reasonOf(unwritten.run({ success: [] }, soon())), {
    message: /there is no such file; write the password/,
  });
  writeFileSync(passwordFile, 'falsch-456\n');
  const wrong = new EtcdStore(settings);
  t.teardown(() => wrong.close());
  const reason = await reasonOf(wrong.run({ success: [] }, soon()));
  t.match(reason, { kind: 'refused', message: /authentication failed/ });
  t.notMatch(JSON.stringify([reason, wrong.state]), /falsch-456/, 'the password is in no message');
  writeFileSync(passwordFile, 'geheim-123\n');
  await wrong.run({ success: [{ kind: 'read', key: '/podnetd/x' }] }, soon());
});

t.test('certificates', { skip }, async (t) => {
  const etcd = await startEtcd(t, { hasTls: true });
  const { ca, cert, key } = etcd.tls ?? { ca: '', cert: '', key: '' };
  const scratch = makeScratch(t);
  const others = makeCertificates(path.join(scratch, 'others'));
  const make = (files: { ca?: string; cert?: string; key?: string }) => {
    const store = new EtcdStore({ endpoints: etcd.endpoints, ...files });
    t.teardown(() => store.close());
    return async () => await store.run({ success: [] }, soon(1_000));
  };
  await make({ ca, cert, key })();
  t.match(
    await reasonOf(make({ cert, key })()),
    { kind: 'unreachable', message: /certificate/ },
    'of no known authority',
  );
  t.match((await reasonOf(make({ ca })())).kind, 'unreachable', 'etcd wants a certificate');
  t.match((await reasonOf(make({ ...others, ca })())).kind, 'unreachable', 'one of another authority');
  t.match(await reasonOf(make({ ca, cert, key: path.join(scratch, 'none') })()), {
    message: /none: there is no such file/,
  });

  // Renewed in place.
  const [renewedCert, renewedKey] = [path.join(scratch, 'cert'), path.join(scratch, 'key')];
  copyFileSync(others.cert, renewedCert);
  copyFileSync(others.key, renewedKey);
  const ask = make({ ca, cert: renewedCert, key: renewedKey });
  await reasonOf(ask());
  copyFileSync(cert, renewedCert);
  copyFileSync(key, renewedKey);
  await ask();
});

t.test('endpoints that do not answer', { skip }, async (t) => {
  const etcd = await startEtcd(t);
  const [member] = etcd.members;
  const dead = 'http://127.0.0.1:1';
  const store = new EtcdStore({ endpoints: [dead, ...etcd.endpoints] });
  t.teardown(() => store.close());
  await store.run({ success: [] }, soon());
  t.equal(store.state.endpoint, etcd.endpoints[0], 'the other one is asked');
  t.equal(store.state.requests.get('200'), 1);
  t.equal(store.state.requests.get('none'), 1);

  member?.pause();
  t.match(await reasonOf(store.run({ success: [] }, soon(500))), { kind: 'unreachable' });
  t.type(store.state.error, 'string');
  member?.resume();
  await store.run({ success: [] }, soon());
  t.equal(store.state.error, undefined);
  store.close();
  t.match(await reasonOf(store.run({ success: [] }, soon(500))), { kind: 'unreachable' }, 'a closed store asks nobody');
});
