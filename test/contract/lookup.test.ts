import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { checkHeaders, idOf, settle } from './dialects.js';

t.test('clients of 2.0 to 3.0 get the conflist in an array', async (t) => {
  const daemon = await startDaemon(t);
  const arrays: Readonly<Record<string, boolean>> = {
    '/v1/libpod': false,
    '/v1.24/libpod': false,
    '/v1.40/libpod': false,
    '/v2.0.0/libpod': true,
    '/v3.0.0/libpod': true,
    '/v3.0.1/libpod': true,
    '/v3.1.0/libpod': false,
    '/v3.1/libpod': false,
    '/v3.2.0/libpod': false,
    '/v3.10.0/libpod': false,
    '/libpod': false,
  };
  for (const [prefix, isArray] of Object.entries(arrays)) {
    for (const url of [`${prefix}/networks/podman/json`, `${prefix}/networks/podman`]) {
      t.equal(Array.isArray((await daemon.ask('GET', url)).json()), isArray, url);
    }
  }
});

t.test('a network is found by name, by id, and by a prefix of its id', async (t) => {
  const daemon = await startDaemon(t);
  // Enough names that two ids begin alike.
  const names = Array.from({ length: 17 }, (_, index) => `n${index}`);
  for (const [index, name] of names.entries()) {
    const body = { name, subnets: [{ subnet: `10.213.${index}.0/24` }] };
    t.equal((await daemon.ask('POST', '/v4.0.0/libpod/networks/create', body)).status, 200);
  }
  const twins = names.filter((name) =>
    names.some((other) => other !== name && idOf(other).startsWith(idOf(name).slice(0, 1))),
  );
  const [twin = ''] = twins;
  const digit = idOf(twin).slice(0, 1);
  t.ok(twins.length >= 2, `ids that begin with ${digit}`);

  const text = `more than one result for network ID ${digit}`;
  const compat = await daemon.ask('GET', `/networks/${digit}`);
  t.strictSame([compat.status, compat.json()], [400, { cause: text, message: text, response: 400 }]);
  const v3 = await daemon.ask('GET', `/v3.2.0/libpod/networks/${digit}/json`);
  t.strictSame(
    [v3.status, v3.json()],
    [500, { cause: text, message: `error inspecting network ${digit}: ${text}`, response: 500 }],
  );
  const v4 = await daemon.ask('GET', `/v4.0.0/libpod/networks/${digit}/json`);
  t.equal(v4.status, 409);
  t.match(v4.json(), { message: `inspecting network ${digit}: ${text}`, response: 409 });

  // A whole id finds one network, and so does a name that is also a prefix of ids.
  t.match((await daemon.ask('GET', `/networks/${idOf(twin)}`)).json(), { Name: twin });
  const named = { name: digit, subnets: [{ subnet: '10.213.100.0/24' }] };
  t.equal((await daemon.ask('POST', '/v4.0.0/libpod/networks/create', named)).status, 200);
  t.match((await daemon.ask('GET', `/networks/${digit}`)).json(), { Name: digit });
  t.equal((await daemon.ask('GET', `/networks/${idOf(twin).toUpperCase()}`)).status, 404, 'ids are in lower case');
});

t.test('unknown networks', async (t) => {
  const daemon = await startDaemon(t);
  const compat = 'unable to find network with name or ID no pe: network not found';
  const cases: readonly (readonly [url: string, message: string])[] = [
    ['/networks/no%20pe', compat],
    ['/v1.41/networks/no%20pe', compat],
    ['/v3.2.0/libpod/networks/nope/json', 'network not found'],
    ['/v3.2.0/libpod/networks/nope', 'network not found'],
    ['/v4.0.0/libpod/networks/nope/json', 'network not found'],
    ['/v4.0.0/libpod/networks/nope', 'network not found'],
    // A dialect without a route `create` or `json` takes the word for a name.
    ['/networks/create', 'unable to find network with name or ID create: network not found'],
  ];
  for (const [url, message] of cases) {
    const answer = await daemon.ask('GET', url);
    t.equal(answer.status, 404, url);
    t.equal(answer.text, `{"cause":"network not found","message":"${message}","response":404}\n`);
    checkHeaders(t, answer);
  }
});

t.test('the default network', async (t) => {
  const daemon = await startDaemon(t);
  const id = idOf('podman');
  for (const given of ['podman', 'bridge', id, id.slice(0, 5)]) {
    const shown = await daemon.ask('GET', `/v1.41/networks/${given}`);
    t.equal(
      settle(shown.text),
      `{"Name":"${given === 'bridge' ? 'bridge' : 'podman'}","Id":"${id}","Created":"<time>","Scope":"local","Driver":"bridge","EnableIPv6":false,` +
        '"IPAM":{"Driver":"default","Options":null,"Config":[{"Subnet":"10.88.0.0/16","Gateway":"10.88.0.1"}]},"Internal":false,' +
        '"Attachable":false,"Ingress":false,"ConfigFrom":{"Network":""},"ConfigOnly":false,"Containers":{},"Options":{},"Labels":{}}\n',
      given,
    );
  }
  t.equal((await daemon.ask('GET', '/v4.0.0/libpod/networks/podman/json')).status, 200);
  t.equal((await daemon.ask('GET', '/v4.0.0/libpod/networks/bridge/json')).status, 404, 'libpod has no bridge');
  t.equal((await daemon.ask('GET', '/v3.2.0/libpod/networks/bridge/json')).status, 404);
  t.notOk(existsSync(path.join(daemon.folder, '87-podman.conflist')), 'the default network has no file');

  const configured = await startDaemon(t, {
    containersConf: '[network]\ndefault_network = "mine"\ndefault_subnet = "10.214.0.0/20"\n',
  });
  t.match((await configured.ask('GET', '/networks/bridge')).json(), {
    Name: 'bridge',
    Id: idOf('mine'),
    IPAM: { Config: [{ Subnet: '10.214.0.0/20', Gateway: '10.214.0.1' }] },
  });
  t.equal((await configured.ask('GET', '/networks/podman')).status, 404);
});

t.test('a file of others may be nested deeply', async (t) => {
  const daemon = await startDaemon(t);
  const deep = '['.repeat(9_000) + ']'.repeat(9_000);
  const text = `{"cniVersion":"1.0.0","name":"deep","plugins":[{"deep":${deep},"type":"ptp"}]}`;
  writeFileSync(path.join(daemon.folder, 'deep.conflist'), text);
  const urls = [
    '/networks/deep',
    '/networks',
    ...['/v3.2.0', '/v3.0.0', '/v4.0.0'].flatMap((version) => [
      `${version}/libpod/networks/deep/json`,
      `${version}/libpod/networks/json`,
    ]),
  ];
  for (const url of urls) t.match(await daemon.ask('GET', url), { status: 200, text: /deep/ }, url);
  t.equal((await daemon.ask('GET', '/v3.2.0/libpod/networks/deep/json')).text, `${text}\n`);
});

t.test("another program's network bridge is bridge, and the default network goes by its own name", async (t) => {
  const daemon = await startDaemon(t);
  const shown = async (url: string) => (await daemon.ask('GET', url)).json() as { Name: string; Id: string };
  const list = async (filters = {}) => {
    const answer = await daemon.ask('GET', `/v1.27/networks?filters=${encodeURIComponent(JSON.stringify(filters))}`);
    const named = (answer.json() as { Name: string; Id: string }[]).map(({ Name, Id }) => [Name, Id] as const);
    return Object.fromEntries(named);
  };
  t.strictSame(await list(), { bridge: idOf('podman') });
  const file = path.join(daemon.folder, 'nerdctl-bridge.conflist');
  const subnet = [[{ subnet: '10.213.0.0/24', gateway: '10.213.0.1' }]];
  const bridge = { type: 'bridge', bridge: 'nerdctl0', isGateway: true, ipam: { type: 'host-local', ranges: subnet } };
  writeFileSync(
    file,
    JSON.stringify({ cniVersion: '1.0.0', name: 'bridge', nerdctlID: 0, plugins: [bridge, { type: 'portmap' }] }),
  );
  const both = { bridge: idOf('bridge'), podman: idOf('podman') };
  t.strictSame(await list(), both);
  t.strictSame(
    Object.fromEntries(
      ((await daemon.ask('GET', '/networks')).json() as { Name: string; Id: string }[]).map(({ Name, Id }) => [
        Name,
        Id,
      ]),
    ),
    both,
  );
  t.strictSame(await list({ name: ['bridge'] }), { bridge: idOf('bridge') });
  for (const [name, id] of Object.entries(both)) {
    t.match(await shown(`/networks/${name}`), { Name: name, Id: id });
    t.match(await shown(`/networks/${id}`), { Name: name, Id: id });
  }
  t.match(await daemon.ask('DELETE', '/networks/bridge'), {
    status: 403,
    text: /network bridge cannot be removed: neither/,
  });
  t.match(await daemon.ask('POST', '/networks/bridge/connect', { Container: 'nope' }), {
    status: 404,
    text: /no such container/,
  });
  rmSync(file);
  t.strictSame(await list(), { bridge: idOf('podman') });
  t.match(await shown('/networks/bridge'), { Name: 'bridge', Id: idOf('podman') });
});
