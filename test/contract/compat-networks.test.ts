import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { checkHeaders, idOf } from './dialects.js';

interface Shown {
  readonly Name: string;
  readonly Containers?: object;
  readonly Status?: object;
}

t.test('list', async (t) => {
  const daemon = await startDaemon(t);
  const create = { Name: 'web', IPAM: { Config: [{ Subnet: '10.181.0.0/24' }] }, Options: { isolate: 'x' } };
  t.equal((await daemon.ask('POST', '/networks/create', create)).status, 201);
  for (const [version, query, showsContainers] of [
    ['', '', false],
    ['/v1.56', '', false],
    ['/v1.51', '', true],
    ['/v1.44', '?filters=', true],
    ['/v1.24', '?FILTERS={}', true],
  ] as const) {
    const answer = await daemon.ask('GET', `${version}/networks${query}`);
    t.equal(answer.status, 200, version);
    checkHeaders(t, answer);
    const [web, bridge] = (answer.json() as Shown[]).toSorted((a, b) => (a.Name < b.Name ? 1 : -1));
    t.match(bridge, { Name: 'bridge', Id: idOf('podman'), Options: {}, Labels: {} });
    const inspected = (await daemon.ask('GET', `${version}/networks/web`)).json() as Shown;
    const { Containers, Status, ...summary } = inspected;
    t.same([Containers, Status !== undefined], [{}, !showsContainers], version);
    t.same(web, showsContainers ? inspected : summary, 'an element agrees with inspect');
  }
});

t.test('the default network has the name of the request', async (t) => {
  const daemon = await startDaemon(t);
  const asked = {
    bridge: 'bridge',
    podman: 'podman',
    [idOf('podman')]: 'podman',
    [idOf('podman').slice(0, 9)]: 'podman',
  };
  for (const [id, Name] of Object.entries(asked)) {
    t.match((await daemon.ask('GET', `/networks/${id}?verbose=true&scope=local`)).json(), { Name, Id: idOf('podman') });
  }
});

t.test('EnableIPv4 is shown to clients of versions that have it', async (t) => {
  const daemon = await startDaemon(t);
  const body = { Name: 'six', EnableIPv4: false, EnableIPv6: true };
  t.equal((await daemon.ask('POST', '/v1.48/networks/create', body)).status, 201);
  t.match((await daemon.ask('GET', '/v1.48/networks/six')).json(), { EnableIPv4: false, EnableIPv6: true });
  t.match((await daemon.ask('GET', '/networks/six')).json(), { EnableIPv4: false, EnableIPv6: true });
  t.match((await daemon.ask('GET', '/v1.51/networks/bridge')).json(), { EnableIPv4: true, EnableIPv6: false });
  for (const url of ['/v1.46/networks/six', '/v1.24/networks/six']) {
    const shown = (await daemon.ask('GET', url)).json() as { EnableIPv4?: boolean; IPAM: { Config: unknown[] } };
    t.equal(shown.EnableIPv4, undefined, url);
    t.equal(shown.IPAM.Config.length, 1);
  }
});

t.test('remove', async (t) => {
  const daemon = await startDaemon(t);
  const names = ['by-name', 'by-id', 'by-prefix', 'by.encoded', 'forced'];
  for (const Name of names) t.equal((await daemon.ask('POST', '/networks/create', { Name })).status, 201);
  const urls = [
    '/networks/by-name',
    `/v1.41/networks/${idOf('by-id')}`,
    `/networks/${idOf('by-prefix').slice(0, 16)}`,
    '/networks/by%2Eencoded',
    '/v1.44/networks/forced?force=x&timeout=3',
  ];
  for (const [index, url] of urls.entries()) {
    const { status, text } = await daemon.ask('DELETE', url);
    t.same([status, text], [204, ''], url);
    t.notOk(existsSync(path.join(daemon.folder, `${names[index]}.conflist`)));
    t.equal((await daemon.ask('DELETE', url)).status, 404, 'once');
  }
});

t.test('networks that are not removed', async (t) => {
  const daemon = await startDaemon(t);
  const foreign = { cniVersion: '1.0.0', name: 'k8s', plugins: [{ type: 'flannel' }] };
  const file = path.join(daemon.folder, '10-k8s.conflist');
  writeFileSync(file, JSON.stringify(foreign));
  const refusals = {
    bridge: [403, 'default network podman cannot be removed'],
    podman: [403, 'default network podman cannot be removed'],
    [idOf('podman')]: [403, 'default network podman cannot be removed'],
    nope: [404, 'unable to find network with name or ID nope: network not found'],
    'a%2Fb': [404, 'unable to find network with name or ID a/b: network not found'],
    k8s: [403, /^network k8s cannot be removed: neither podnetd nor Podman wrote .*10-k8s\.conflist/],
  } as const;
  for (const [id, [status, message]] of Object.entries(refusals)) {
    const answer = await daemon.ask('DELETE', `/networks/${id}?force=true`);
    t.equal(answer.status, status, id);
    t.match(answer.json(), { message, response: status });
  }
  t.ok(existsSync(file));
});

t.test('prune', async (t) => {
  const daemon = await startDaemon(t);
  const prune = async (query = '') => await daemon.ask('POST', `/v1.44/networks/prune${query}`);
  t.equal((await prune()).text, '{"NetworksDeleted":[]}\n');
  for (const Name of ['a', 'b', 'keep']) {
    const body = { Name, Labels: Name === 'keep' ? { keep: '' } : {} };
    t.equal((await daemon.ask('POST', '/networks/create', body)).status, 201);
  }
  t.same((await prune('?filters={"label!":["keep"]}')).json(), { NetworksDeleted: ['a', 'b'] });
  const unreadable = await prune('?filters={');
  t.equal(unreadable.status, 500);
  t.match(unreadable.json(), { message: /^Decode\(\): / });
  t.equal((await prune('?filters={"name":["keep"]}')).status, 500, 'a prune does not take a name');
  t.same((await prune('?filters={"label":{"keep":true}}')).json(), { NetworksDeleted: ['keep'] });
});

t.test('connect and disconnect', async (t) => {
  const daemon = await startDaemon(t);
  for (const action of ['connect', 'disconnect']) {
    const known = await daemon.ask('POST', `/networks/bridge/${action}`, { Container: 'c' });
    t.equal(known.status, 404);
    t.match(known.json(), { message: 'no container with name or ID "c" found: no such container' });
    t.equal((await daemon.ask('POST', `/networks/nope/${action}`, { Container: 'c' })).status, 404);
    t.equal((await daemon.ask('POST', `/networks/bridge/${action}`)).status, 400, 'no body');
    t.equal((await daemon.ask('POST', `/networks/bridge/${action}`, { Container: 5 })).status, 400);
  }
});

t.test('leases that cannot be read leave a network without its Status', async (t) => {
  const daemon = await startDaemon(t);
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'web' })).status, 201);
  mkdirSync(daemon.leaseDir, { recursive: true });
  writeFileSync(path.join(daemon.leaseDir, 'web'), 'no folder');
  const answer = await daemon.ask('GET', '/v1.56/networks/web');
  t.equal(answer.status, 200);
  t.match(answer.json(), { Name: 'web', Status: undefined });
  t.match(String(answer.headers['warning']), /^299 podnetd "the answer has no Status: open .*ENOTDIR/);
});
