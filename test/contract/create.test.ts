import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import type { Answer } from '../support/client.js';

const idOf = (name: string) => createHash('sha256').update(name).digest('hex');
const goTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** How each dialect says "a network of this name with this subnet". */
const creations = [
  {
    dialect: 'compat',
    prefixes: ['', '/v1.24', '/v1.41', '/v1.44', '/v9.9'],
    request: (name: string, subnet: string) => ({
      url: '/networks/create',
      body: { Name: name, IPAM: { Config: [{ Subnet: `${subnet}.0/24` }] } },
    }),
    status: 201,
    answer: (name: string) => `{"Id":"${idOf(name)}","Warning":""}\n`,
  },
  {
    dialect: 'libpod-v3',
    prefixes: ['/libpod', '/v1.40/libpod', '/v2.0.0/libpod', '/v3.2.0/libpod', '/v3.4.4/libpod'],
    request: (name: string, subnet: string) => ({
      url: `/networks/create?name=${name}`,
      body: { Name: 'ignored', Subnet: { IP: `${subnet}.0`, Mask: '////AA==' } },
    }),
    status: 200,
    answer: (name: string, _subnet: string, folder: string) => `{"Filename":"${folder}/${name}.conflist"}\n`,
  },
  {
    dialect: 'libpod-v4',
    prefixes: ['/v4/libpod', '/v4.0.0/libpod', '/v4.3.1/libpod', '/v5.4.2/libpod', '/v10.0/libpod'],
    request: (name: string, subnet: string) => ({
      url: '/networks/create?ignoreIfExists=false',
      body: { name, id: '', created: '0001-01-01T00:00:00Z', subnets: [{ subnet: `${subnet}.0/24` }] },
    }),
    status: 200,
    answer: (name: string, subnet: string) =>
      `{"name":"${name}","id":"${idOf(name)}","driver":"bridge","network_interface":"<device>","created":"<time>",` +
      `"subnets":[{"subnet":"${subnet}.0/24","gateway":"${subnet}.1"}],"ipv6_enabled":false,"internal":false,"dns_enabled":false,` +
      `"ipam_options":{"driver":"host-local"}}\n`,
  },
];

/** A body with what differs from run to run taken out. */
function settle(text: string): string {
  return text
    .replaceAll(/"cni-podman[0-9]+"/g, '"<device>"')
    .replaceAll(/"([cC]reated)":"([^"]*)"/g, (found, key: string, time: string) =>
      goTime.test(time) ? `"${key}":"<time>"` : found,
    );
}

function checkHeaders(t: Test, { headers }: Answer): void {
  t.equal(headers['content-type'], 'application/json');
  t.equal(headers['api-version'], '1.44');
  t.equal(headers['libpod-api-version'], '5.4.2');
  t.equal(headers.server, 'Libpod/5.4.2 (linux)');
  t.equal(headers['ostype'], 'linux');
  t.equal(headers['docker-experimental'], 'true');
  t.match(String(headers['x-reference-id']), /^[0-9a-f-]{36}$/);
}

let subnets = 0;
/** Three bytes of a subnet that no other request of this file has, and no host is likely to. */
function nextSubnet(): string {
  subnets += 1;
  return `10.${201 + Math.floor(subnets / 250)}.${subnets % 250}`;
}

for (const { dialect, prefixes, request, status, answer } of creations) {
  t.test(`${dialect} creates`, async (t) => {
    const daemon = await startDaemon(t);
    for (const [index, prefix] of prefixes.entries()) {
      const name = `net${index}`;
      const subnet = nextSubnet();
      const { url, body } = request(name, subnet);
      const made = await daemon.ask('POST', prefix + url, body);
      t.equal(made.status, status, prefix);
      t.equal(settle(made.text), answer(name, subnet, daemon.folder), `${prefix}: the body`);
      checkHeaders(t, made);
      t.equal(made.headers['content-length'], `${Buffer.byteLength(made.text)}`);
      const file = path.join(daemon.folder, `${name}.conflist`);
      t.match(readFileSync(file, 'utf8'), `"subnet": "${subnet}.0/24"`, 'the file is there when the answer is');
    }
  });
}

t.test('every dialect shows what any made', async (t) => {
  const daemon = await startDaemon(t);
  for (const [index, { request, prefixes }] of creations.entries()) {
    const { url, body } = request(`by${index}`, `10.211.${index}`);
    t.match((await daemon.ask('POST', (prefixes[1] ?? '') + url, body)).status, /^20[01]$/);
  }
  for (const index of creations.keys()) {
    const name = `by${index}`;
    const id = idOf(name);
    const subnet = `10.211.${index}`;
    for (const given of [name, id, id.slice(0, 12)]) {
      const shown = await daemon.ask('GET', `/v1.41/networks/${given}?verbose=true&scope=local`);
      t.equal(shown.status, 200);
      checkHeaders(t, shown);
      t.equal(
        settle(shown.text),
        `{"Name":"${name}","Id":"${id}","Created":"<time>","Scope":"local","Driver":"bridge","EnableIPv6":false,"IPAM":{"Driver":"default",` +
          `"Options":{},"Config":[{"Subnet":"${subnet}.0/24","Gateway":"${subnet}.1"}]},"Internal":false,"Attachable":false,"Ingress":false,` +
          '"ConfigFrom":{"Network":""},"ConfigOnly":false,"Containers":{},"Options":{},"Labels":{}}\n',
        `compat shows ${given}`,
      );
      for (const url of [`/v4.3.1/libpod/networks/${given}/json`, `/v5.0.0/libpod/networks/${given}`]) {
        const { status, text } = await daemon.ask('GET', url);
        t.equal(status, 200, url);
        t.match(text, `{"name":"${name}","id":"${id}","driver":"bridge","network_interface":"cni-podman`);
        t.match(
          text,
          `"subnets":[{"subnet":"${subnet}.0/24","gateway":"${subnet}.1"}],"ipv6_enabled":false,"internal":false`,
        );
      }
      for (const url of [`/v3.2.0/libpod/networks/${given}/json`, `/libpod/networks/${given}`]) {
        const { status, json, text } = await daemon.ask('GET', url);
        t.equal(status, 200, url);
        t.strictSame(
          json(),
          JSON.parse(readFileSync(path.join(daemon.folder, `${name}.conflist`), 'utf8')),
          'the file',
        );
        // Compact, keys sorted.
        t.match(
          text,
          /^\{("args":.*,)?"cniVersion":"0\.4\.0","name":"by[0-9]","plugins":\[\{"bridge":"cni-podman[0-9]+",.*\}\]\}\n$/,
        );
      }
    }
  }
});

t.test('clients before 3.1 get the conflist in an array', async (t) => {
  const daemon = await startDaemon(t);
  const arrays: Readonly<Record<string, boolean>> = {
    '/v1.40/libpod': true,
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

t.test('a body is JSON whatever it is called', async (t) => {
  const daemon = await startDaemon(t);
  const types = [
    undefined,
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="x',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/x-tar',
    'garbage',
    ';;;',
    '',
  ];
  for (const { dialect, prefixes, request, status } of creations) {
    for (const [index, type] of types.entries()) {
      for (const isChunked of [false, true]) {
        const { url, body } = request(`${dialect}-${index}-${isChunked}`, nextSubnet());
        const text = JSON.stringify(body);
        const headers = {
          ...(type !== undefined && { 'content-type': type }),
          ...(isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': `${Buffer.byteLength(text)}` }),
        };
        const made = await daemon.ask('POST', (prefixes[2] ?? '') + url, text, headers);
        t.equal(
          made.status,
          status,
          `${dialect}, ${type ?? 'no type'}, ${isChunked ? 'chunked' : 'whole'}: ${made.text}`,
        );
      }
    }
  }
});

t.test('a body may come in pieces', async (t) => {
  const daemon = await startDaemon(t);
  const text = JSON.stringify({
    name: 'pieces',
    labels: { ü: '☃'.repeat(10) },
    subnets: [{ subnet: '10.212.0.0/24' }],
  });
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const outgoing = httpRequest(
      { socketPath: daemon.socket, method: 'POST', path: '/v4.0.0/libpod/networks/create', agent: false },
      (incoming) => incoming.resume().on('end', () => resolve(incoming.statusCode)),
    );
    outgoing.on('error', reject);
    // Bytes apart, so that characters are cut in two.
    for (const byte of Buffer.from(text)) outgoing.write(Buffer.of(byte));
    outgoing.end();
  });
  t.equal(status, 200);
  t.match((await daemon.ask('GET', '/v4.0.0/libpod/networks/pieces/json')).json(), { labels: { ü: '☃'.repeat(10) } });
});

t.test('a network is found by name, by id, and by the beginning of an id', async (t) => {
  const daemon = await startDaemon(t);
  // Made until two ids begin alike; "podman" begins with 2, a name that is a beginning must win.
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

  // A whole id is unique, and so is a name, even when it is the beginning of an id.
  t.match((await daemon.ask('GET', `/networks/${idOf(twin)}`)).json(), { Name: twin });
  const named = { name: digit, subnets: [{ subnet: '10.213.100.0/24' }] };
  t.equal((await daemon.ask('POST', '/v4.0.0/libpod/networks/create', named)).status, 200);
  t.match((await daemon.ask('GET', `/networks/${digit}`)).json(), { Name: digit });
  t.equal((await daemon.ask('GET', `/networks/${idOf(twin).toUpperCase()}`)).status, 404, 'ids are in lower case');
});

t.test('what is unknown', async (t) => {
  const daemon = await startDaemon(t);
  const compat = 'unable to find network with name or ID no pe: network not found';
  const cases: readonly (readonly [url: string, message: string])[] = [
    ['/networks/no%20pe', compat],
    ['/v1.41/networks/no%20pe', compat],
    ['/v3.2.0/libpod/networks/nope/json', 'network not found'],
    ['/v3.2.0/libpod/networks/nope', 'network not found'],
    ['/v4.0.0/libpod/networks/nope/json', 'network not found'],
    ['/v4.0.0/libpod/networks/nope', 'network not found'],
    // `create` and `json` are names like any other to the dialect that has no such route.
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
    const shown = await daemon.ask('GET', `/networks/${given}`);
    t.equal(
      settle(shown.text),
      `{"Name":"${given === 'bridge' ? 'bridge' : 'podman'}","Id":"${id}","Created":"<time>","Scope":"local","Driver":"bridge","EnableIPv6":false,` +
        '"IPAM":{"Driver":"default","Options":{},"Config":[{"Subnet":"10.88.0.0/16","Gateway":"10.88.0.1"}]},"Internal":false,' +
        '"Attachable":false,"Ingress":false,"ConfigFrom":{"Network":""},"ConfigOnly":false,"Containers":{},"Options":{},"Labels":{}}\n',
      given,
    );
  }
  t.equal((await daemon.ask('GET', '/v4.0.0/libpod/networks/podman/json')).status, 200);
  t.equal((await daemon.ask('GET', '/v4.0.0/libpod/networks/bridge/json')).status, 404, 'libpod has no bridge');
  t.equal((await daemon.ask('GET', '/v3.2.0/libpod/networks/bridge/json')).status, 404);
  t.notOk(existsSync(path.join(daemon.folder, '87-podman.conflist')), 'it is in no file');

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

t.test('what was asked for is shown again', async (t) => {
  const daemon = await startDaemon(t);
  const body = {
    Name: 'full',
    CheckDuplicate: true,
    Driver: 'bridge',
    EnableIPv6: true,
    IPAM: {
      Driver: 'default',
      Options: { 'my.option': '1' },
      Config: [
        { Subnet: '10.215.3.7/16', IPRange: '10.215.128.0/17', Gateway: '10.215.0.9' },
        { Subnet: 'fd00:215::/64', IPRange: null, Gateway: null, AuxiliaryAddresses: null },
      ],
    },
    Internal: false,
    Options: { 'com.docker.network.driver.mtu': '1400', 'odd"option': 'x' },
    Labels: { 'com.docker.compose.project': 'p', 'a<b': '&', __proto__x: 'y', '10': 'z' },
  };
  const made = await daemon.ask('POST', '/v1.41/networks/create', body);
  t.equal(made.status, 201);
  t.strictSame(made.json(), { Id: idOf('full'), Warning: String.raw`"odd"option: x" is not a recognized option` });
  t.equal(made.headers['warning'], String.raw`299 podnetd "\"odd\"option: x\" is not a recognized option"`);
  const shown = await daemon.ask('GET', '/networks/full');
  t.equal(
    settle(shown.text),
    `{"Name":"full","Id":"${idOf('full')}","Created":"<time>","Scope":"local","Driver":"bridge","EnableIPv6":true,"IPAM":{"Driver":"default",` +
      '"Options":{"my.option":"1"},"Config":[{"Subnet":"10.215.0.0/16","IPRange":"10.215.128.0/17","Gateway":"10.215.0.9"},' +
      '{"Subnet":"fd00:215::/64","Gateway":"fd00:215::1"}]},"Internal":false,"Attachable":false,"Ingress":false,"ConfigFrom":{"Network":""},' +
      '"ConfigOnly":false,"Containers":{},"Options":{"com.docker.network.driver.mtu":"1400","odd\\"option":"x"},' +
      String.raw`"Labels":{"10":"z","__proto__x":"y","a\u003cb":"\u0026","com.docker.compose.project":"p"}}` +
      '\n',
  );
});

t.test('the handshake', async (t) => {
  const daemon = await startDaemon(t);
  const pings = [
    '/_ping',
    '/v1.41/_ping',
    '/libpod/_ping',
    '/v2.0.0/libpod/_ping',
    '/v3.2.0/libpod/_ping',
    '/v5.4.2/libpod/_ping',
  ];
  for (const url of pings) {
    for (const method of ['GET', 'HEAD']) {
      const { status, text, headers } = await daemon.ask(method, url);
      t.equal(status, 200, `${method} ${url}`);
      t.equal(text, method === 'GET' ? 'OK' : '');
      t.match(headers, {
        'api-version': '1.44',
        'libpod-api-version': '5.4.2',
        server: 'Libpod/5.4.2 (linux)',
        'cache-control': 'no-cache',
        pragma: 'no-cache',
        'content-type': 'text/plain; charset=utf-8',
      });
    }
  }
  for (const url of ['/version', '/v1.41/version', '/v3.2.0/libpod/version', '/v5.4.2/libpod/version']) {
    const answer = await daemon.ask('GET', url);
    checkHeaders(t, answer);
    t.match(answer.json(), {
      Components: [{ Name: 'Podman Engine', Version: '5.4.2' }, { Name: 'podnetd' }],
      Version: '5.4.2',
      ApiVersion: '1.44',
      MinAPIVersion: '1.24',
      Os: 'linux',
    });
  }
});

/** The line of the log for a request, once it is written. */
async function logLineOf(
  daemon: TestDaemon,
  { headers }: Answer,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const isIt = (line: Readonly<Record<string, unknown>>) =>
    line['msg'] === 'request' && line['reqId'] === headers['x-reference-id'];
  for (let tries = 0; tries < 500 && !daemon.log().some(isIt); tries += 1) await sleep(10);
  return daemon.log().find(isIt);
}

t.test('every request is a line of the log', async (t) => {
  const daemon = await startDaemon(t);
  const cases: readonly (readonly [method: string, url: string, body: unknown, line: object])[] = [
    [
      'POST',
      '/v1.41/networks/create',
      { Name: 'logged' },
      { dialect: 'compat', status: 201, outcome: 'ok', network: 'logged' },
    ],
    ['GET', '/networks/logged', undefined, { dialect: 'compat', status: 200, outcome: 'ok', network: 'logged' }],
    [
      'POST',
      '/v3.2.0/libpod/networks/create?name=log3',
      {},
      { dialect: 'libpod-v3', status: 200, outcome: 'ok', network: 'log3' },
    ],
    [
      'GET',
      '/v2.0.0/libpod/networks/x/json',
      undefined,
      { dialect: 'libpod-v3', status: 404, outcome: 'networkUnknown', network: 'x' },
    ],
    ['POST', '/v4.0.0/libpod/networks/create', '{', { dialect: 'libpod-v4', status: 400, outcome: 'bodyInvalid' }],
    [
      'POST',
      '/v4.0.0/libpod/networks/create',
      { name: 'logged' },
      { dialect: 'libpod-v4', status: 409, outcome: 'nameUsed' },
    ],
    ['GET', '/nowhere', undefined, { dialect: 'compat', status: 404, outcome: 'noSuchRoute' }],
  ];
  for (const [method, url, body, expected] of cases) {
    const line = await logLineOf(daemon, await daemon.ask(method, url, body));
    t.match(line, { method, url, durationMs: Number, level: 30, ...expected }, `${method} ${url}`);
  }
});

t.test('what the log warns of is in the headers', async (t) => {
  const daemon = await startDaemon(t, { args: ['--cni-plugin-dir', '/nonexistent'] });
  const made = await daemon.ask('POST', '/v4.0.0/libpod/networks/create', { name: 'dns', dns_enabled: true });
  t.equal(made.status, 200);
  const warning = 'dnsname plugin not found: containers on network dns cannot resolve each other by name';
  t.equal(made.headers['warning'], `299 podnetd "${warning}"`);
  t.ok(
    daemon.log().some((line) => line['msg'] === warning && line['reqId'] === made.headers['x-reference-id']),
    'with the request',
  );
});
