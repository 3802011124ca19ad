import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import ts from 'typescript';
import { serveWithin } from '../support/bounded-app.js';
import { ask } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { readAnswers, speak, speakOn, writeRequest } from '../support/raw-http.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { missing } from '../support/tools.js';

/** Attacks by their names. */

const createUrls = {
  compat: '/networks/create',
  v3: '/v3.2.0/libpod/networks/create?name=web',
  v4: '/v4.3.1/libpod/networks/create',
} as const;

function checkNoBug(t: Test, daemon: TestDaemon): void {
  t.strictSame(
    daemon.log().filter(({ level, outcome }) => Number(level) >= 50 || outcome === 'internal'),
    [],
    'podnetd logged no bug',
  );
}

t.test('prototype pollution', async (t) => {
  const app = await serveWithin(t, {});
  const before = Object.getOwnPropertyNames(Object.prototype).toSorted();
  const poison = '{"polluted":true,"internal":true,"Internal":true,"name":"evil","Name":"evil","toString":"x"}';
  const carriers = [
    `"__proto__":${poison}`,
    `"constructor":{"prototype":${poison}}`,
    `"prototype":${poison}`,
    `"__PROTO__":${poison}`,
    String.raw`"\u005f\u005fproto__":${poison}`,
    `"__proto__.polluted":true`,
    `"__proto__[polluted]":true`,
    `"labels":{"__proto__":${poison}}`,
    `"Labels":{"__proto__":"x","constructor":"y"}`,
    `"options":{"__proto__":"x","constructor":"y"}`,
    `"Options":{"constructor.prototype.polluted":"x"}`,
    `"ipam_options":{"__proto__":"x"}`,
    `"IPAM":{"__proto__":${poison},"Options":{"__proto__":"x"}}`,
    `"IPAM":{"Config":[{"__proto__":${poison},"AuxiliaryAddresses":{"__proto__":"x"}}]}`,
    `"subnets":[{"__proto__":${poison}}]`,
    `"Subnet":{"__proto__":${poison}}`,
  ];
  for (const url of Object.values(createUrls)) {
    for (const carrier of carriers) await ask(app.socket, 'POST', url, `{${carrier}}`);
  }
  const filters = [
    '{"__proto__":["x"]}',
    '{"__proto__":{"polluted":true}}',
    '{"label":{"__proto__":true,"constructor=prototype":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
  ].map((json) => `filters=${encodeURIComponent(json)}`);
  const queries = [
    ...filters,
    '__proto__[polluted]=1',
    '__proto__.polluted=1',
    'constructor[prototype][polluted]=1',
    '__proto__=1',
  ];
  for (const query of queries) {
    for (const url of ['/networks', '/v4.3.1/libpod/networks/json', '/v3.2.0/libpod/networks/json']) {
      await ask(app.socket, 'GET', `${url}?${query}`);
      await ask(app.socket, 'GET', `/events?stream=false&${query}`);
    }
    await ask(app.socket, 'POST', `/networks/prune?${query}`);
  }
  t.strictSame(Object.getOwnPropertyNames(Object.prototype).toSorted(), before);
  t.notOk('polluted' in {}, 'objects inherit nothing new');
  const answer = await ask(app.socket, 'POST', createUrls.v4, { name: 'clean' });
  t.match(answer.json(), { name: 'clean', internal: false }, 'a new network inherits nothing');
  t.equal((await ask(app.socket, 'GET', '/networks/evil')).status, 404);
});

const paths = [
  '..',
  '../x',
  '../../etc/passwd',
  '/etc/passwd',
  './x',
  'a/../../x',
  '..\\x',
  'x\0.conflist',
  '~/x',
  '.',
  '.x',
  'x/',
  '//x',
];
const encodings = [
  '%2e%2e%2fx',
  '%2e%2e/x',
  '..%2fx',
  '%252e%252e%252fx',
  '%c0%ae%c0%ae%c0%afx',
  '..%5cx',
  '..%00',
  '%2fetc%2fpasswd',
  '.%2e%2f',
];

t.test('path traversal', { skip: missing('ip', 'nsenter') }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const outside = path.dirname(daemon.folder);
  writeFileSync(path.join(outside, 'x'), 'mine');
  writeFileSync(path.join(outside, 'x.conflist'), '{"cniVersion":"0.4.0","name":"x","plugins":[{"type":"bridge"}]}');
  mkdirSync(path.join(daemon.folder, 'sub'));
  const files = () =>
    readdirSync(outside, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'cni.lock')
      .map(
        ({ parentPath, name }) => `${path.join(parentPath, name)} ${readFileSync(path.join(parentPath, name), 'utf8')}`,
      )
      .toSorted();
  // The lock file is made by the first create.
  t.equal((await daemon.ask('POST', createUrls.v4, { name: 'there' })).status, 200);
  const before = files();

  for (const name of paths) {
    t.equal((await daemon.ask('POST', createUrls.compat, { Name: name })).status, 400, `made as ${name}`);
    t.equal((await daemon.ask('POST', createUrls.v4, { name })).status, 400);
    t.equal(
      (await daemon.ask('POST', `/v3.2.0/libpod/networks/create?name=${encodeURIComponent(name)}`, {})).status,
      500,
    );
    for (const bridge of [name, '../../proc/sys/x']) {
      t.equal((await daemon.ask('POST', createUrls.v4, { name: 'b', network_interface: bridge })).status, 400);
      const Options = { 'com.docker.network.bridge.name': bridge };
      t.equal((await daemon.ask('POST', createUrls.compat, { Name: 'b', Options })).status, 400);
    }
    t.ok(
      (await daemon.ask('POST', createUrls.v4, { name: 'b', driver: name })).status >= 400,
      'a driver is no program',
    );
    t.ok((await daemon.ask('POST', createUrls.v4, { name: 'b', ipam_options: { driver: name } })).status >= 400);
    t.ok(
      (await daemon.ask('POST', createUrls.v4, { name: 'b', driver: 'macvlan', network_interface: name })).status >=
        400,
    );
  }
  for (const name of [...encodings, ...paths.map(encodeURIComponent)]) {
    for (const [method, url] of [
      ['GET', `/networks/${name}`],
      ['DELETE', `/networks/${name}`],
      ['GET', `/v4.3.1/libpod/networks/${name}/json`],
      ['DELETE', `/v4.3.1/libpod/networks/${name}`],
      ['DELETE', `/v3.2.0/libpod/networks/${name}?force=true`],
      ['GET', `/v4.3.1/libpod/networks/${name}/exists`],
      ['POST', `/v4.3.1/libpod/networks/${name}/update`],
      ['POST', `/podnetd/v1/networks/${name}/gc`],
      ['GET', `/${name}/networks/podman`],
    ] as const) {
      const { status, text } = await daemon.ask(method, url, method === 'POST' ? {} : undefined);
      // A path with dots is redirected to its clean form on this server.
      const isMoved = status === 301 && (name === '.' || name === '..');
      t.ok(isMoved || (status >= 400 && status < 500), `${method} ${url}: ${status}`);
      t.notMatch(text, /root:|mine/);
    }
  }
  // Paths that are no network namespaces, or look like one.
  for (const container of [
    '/etc/passwd',
    '/run/netns/../../etc/passwd',
    '../../etc/passwd',
    '/proc/self/ns/mnt',
    '/proc/1/ns/user',
    '/dev/zero',
    '/',
    '..',
    'x\0y',
    '/run/netns/\0',
    '',
  ]) {
    for (const [url, body] of [
      ['/networks/there/connect', { Container: container }],
      ['/v4.3.1/libpod/networks/there/connect', { container }],
      ['/v3.2.0/libpod/networks/there/connect', { Container: container }],
    ] as const) {
      const { status, json } = await daemon.ask('POST', url, body);
      t.ok(status >= 400, `connect ${container}: ${status}`);
      t.match(json(), { message: String });
    }
  }
  for (const interface_name of ['../eth0', 'a/b', '..', '.', 'a\0b', 'a b', 'x'.repeat(16)]) {
    const { status } = await daemon.ask('POST', '/v4.3.1/libpod/networks/there/connect', {
      container: '/proc/self/ns/net',
      interface_name,
    });
    t.ok(status >= 400, `interface ${interface_name}`);
  }
  t.strictSame(files(), before, 'no file came, went or changed, inside or outside');
  checkNoBug(t, daemon);
});

t.test('header injection and response splitting', async (t) => {
  const daemon = await startDaemon(t);
  const breaks = [
    '\r\nX-Injected: 1',
    '\nX-Injected: 1',
    '\rX-Injected: 1',
    '\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    '\u010d\u010aX-Injected: 1',
    '\u2028X-Injected: 1',
  ];
  for (const text of breaks) {
    const name = `a${text}`;
    const encoded = encodeURIComponent(name);
    const asked = [
      ['POST', createUrls.compat, JSON.stringify({ Name: name })],
      ['POST', createUrls.compat, JSON.stringify({ Name: 'ok', Driver: name })],
      ['POST', createUrls.compat, JSON.stringify({ Name: 'ok', Options: { [name]: name } })],
      ['POST', createUrls.v4, JSON.stringify({ name, labels: { [name]: name } })],
      [
        'POST',
        createUrls.v4,
        JSON.stringify({ name: 'labelled', labels: { [name]: name }, subnets: [{ subnet: name }] }),
      ],
      ['POST', `/v3.2.0/libpod/networks/create?name=${encoded}`, '{}'],
      ['GET', `/networks/${encoded}`, ''],
      ['DELETE', `/networks/${encoded}`, ''],
      ['PUT', `/networks/${encoded}`, ''],
      ['GET', `/networks?filters=${encodeURIComponent(JSON.stringify({ [name]: [name] }))}`, ''],
      ['GET', `/networks?filters=${encoded}`, ''],
      ['GET', `/events?since=${encoded}`, ''],
      ['GET', `/v4.3.1/libpod/networks/${encoded}/json`, ''],
      ['GET', `/v4.3.1${encoded}/libpod/networks/json`, ''],
      ['GET', `/${encoded}`, ''],
    ] as const;
    for (const [method, url, body] of asked) {
      const header = encodeURIComponent(text);
      const answers = readAnswers(
        await speak(daemon.socket, writeRequest(method, url, body, [`X-Registry-Auth: ${header}`])),
      );
      t.equal(answers.length, 1, `${method} ${url.slice(0, 60)} is one answer`);
      t.notOk(answers[0]?.headers.has('x-injected'));
    }
  }
  // A warning of a successful create is in a header, too.
  const warned = await daemon.ask('POST', createUrls.v4, {
    name: 'warned',
    labels: { 'a\r\nX-Injected: 1': 'b\r\nX-Injected: 1' },
  });
  t.equal(warned.status, 200);
  t.equal(warned.headers['x-injected'], undefined);
  checkNoBug(t, daemon);
});

t.test('request smuggling', async (t) => {
  const daemon = await startDaemon(t);
  t.equal((await daemon.ask('POST', createUrls.v4, { name: 'victim' })).status, 200);
  const hidden = 'DELETE /networks/victim HTTP/1.1\r\nHost: d\r\n\r\n';
  const post = (headers: readonly string[], body: string) => writeRequest('POST', createUrls.v4, body, headers);
  const smuggled: Readonly<Record<string, string>> = {
    'CL.TE': post([`Content-Length: ${5 + hidden.length}`, 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`),
    'TE.CL': post(
      ['Transfer-Encoding: chunked', 'Content-Length: 4'],
      `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`,
    ),
    'TE.TE': post(['Transfer-Encoding: chunked', 'Transfer-Encoding: x'], `0\r\n\r\n${hidden}`),
    'TE in disguise': post(['Transfer-Encoding : chunked'], `0\r\n\r\n${hidden}`),
    'TE with a tab': post(['Transfer-Encoding:\tchunked', 'Content-Length: 5'], `0\r\n\r\n${hidden}`),
    'TE of another kind': post(['Transfer-Encoding: xchunked', `Content-Length: ${hidden.length}`], hidden),
    'CL.CL': post(['Content-Length: 0', `Content-Length: ${hidden.length}`], hidden),
    'CL in a folded line': post([`X: y\r\n Content-Length: ${hidden.length}`], hidden),
    'a line feed alone': post([`X: y\nContent-Length: 0`, `Content-Length: ${hidden.length}`], hidden),
    'a chunk that ends too late': post(['Transfer-Encoding: chunked'], `2\r\n{}${hidden}`),
    'a bare line feed in a chunk': post(['Transfer-Encoding: chunked'], `2\n{}\n0\n\n${hidden}`),
    'a size with something behind it': post(['Transfer-Encoding: chunked'], `0 \r\n\r\n${hidden}`),
    'a NUL in a header': post([`X: \0`, 'Content-Length: 0'], hidden),
  };
  for (const [said, bytes] of Object.entries(smuggled)) {
    const answers = readAnswers(await speakOn(daemon.socket, bytes));
    t.strictSame(
      answers.map(({ status }) => status),
      [400],
      `${said}: one refusal, then the end`,
    );
  }
  t.equal((await daemon.ask('GET', '/networks/victim')).status, 200, 'the network is there');
  // A body is no request, even if it looks like one.
  const inBody = readAnswers(await speak(daemon.socket, writeRequest('DELETE', '/networks/nowhere', hidden)));
  t.strictSame(
    inBody.map(({ status }) => status),
    [404],
  );
  t.equal((await daemon.ask('GET', '/networks/victim')).status, 200);
  checkNoBug(t, daemon);
});

t.test('JSON bombs', async (t) => {
  const daemon = await startDaemon(t);
  t.equal((await daemon.ask('POST', createUrls.v4, { name: 'there' })).status, 200);
  const before = snapshotFolder(daemon.folder);
  const room = 1_000_000;
  const members = (count: number, key: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => `${JSON.stringify(key(index))}:""`).join(',');
  const bombs: Readonly<Record<string, string>> = {
    'arrays 100 000 deep': '['.repeat(100_000) + ']'.repeat(100_000),
    'objects 100 000 deep': `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    'arrays without an end': '['.repeat(room),
    'deep below a known key': `{"labels":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}`,
    'a number beyond all numbers': '{"name":"there","subnets":[{"subnet":1e999}]}',
    'a number of a million digits': `{"name":"there","vlan":${'9'.repeat(room)}}`,
    'a fraction of a million digits': `{"name":"there","internal":0.${'1'.repeat(room)}}`,
    'a string of 10 MB': `{"name":"${'x'.repeat(10_000_000)}"}`,
    'a name of 1 MB': `{"name":"${'x'.repeat(room)}"}`,
    'a million escapes': `{"name":"there","driver":"${String.raw`\u0041`.repeat(room / 6)}"}`,
    'as many keys as there is room': `{"name":"there",${members(60_000, (index) => `k${index}`)}}`,
    'as many labels as there is room': `{"name":"there","labels":{${members(60_000, (index) => `k${index}`)}}}`,
    'the same key without end': `{"name":"there",${members(90_000, () => 'name')},"name":"there"}`,
    'keys in every case': `{"name":"there",${members(60_000, (index) => withCase('network_interface', index))},"name":"there"}`,
    // V8 hashes texts of digits by their value.
    'keys whose hashes collide': `{"name":"there","labels":{${members(40_000, (index) => String((index + 1) * 2 ** 24))}}}`,
    'keys that are indices': `{"name":"there","labels":{${members(40_000, (index) => String(4_294_967_294 - index * 65_536))}}}`,
    'an array of 300 000 objects': `{"name":"there","subnets":[${'{},'.repeat(300_000)}{}]}`,
    'an array of empty arrays': `{"name":"there","network_dns_servers":[${'[],'.repeat(300_000)}[]]}`,
    spaces: `${' '.repeat(room)}{"name":"there"}`,
    'a megabyte after the end': `{"name":"there"}${'}'.repeat(room)}`,
  };
  for (const [said, bomb] of Object.entries(bombs)) {
    const others = ask(daemon.socket, 'GET', '/_ping');
    for (const url of [createUrls.v4, createUrls.compat.replace('create', 'there/connect')]) {
      const { status, json } = await daemon.ask('POST', url, bomb);
      t.ok(status >= 400 && status < 500, `${said}: ${status}`);
      t.match(json(), { message: String, response: status });
    }
    t.equal((await others).status, 200);
  }
  t.strictSame(snapshotFolder(daemon.folder), before, 'the folder is unchanged');
  checkNoBug(t, daemon);
});

/** The letters of a word in upper case where the number has a bit. */
function withCase(word: string, bits: number): string {
  return word.replaceAll(/[a-z]/g, (letter, at: number) => ((bits >> (at % 30)) & 1 ? letter.toUpperCase() : letter));
}

const source = path.resolve(import.meta.dirname, '../../src');

/** Every regular expression literal in `src`. */
function findExpressions(): readonly { readonly file: string; readonly expression: RegExp }[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const found: { file: string; expression: RegExp }[] = [];
      const visit = (node: ts.Node): void => {
        if (ts.isRegularExpressionLiteral(node)) {
          const end = node.text.lastIndexOf('/');
          found.push({
            file,
            expression: new RegExp(node.text.slice(1, end), node.text.slice(end + 1).replace('g', '')),
          });
        }
        ts.forEachChild(node, visit);
      };
      visit(ts.createSourceFile(file, readFileSync(path.join(source, file), 'utf8'), ts.ScriptTarget.Latest));
      return found;
    });
}

/** Nanoseconds of the quickest of up to five runs, which other processes disturb the least; a run within `enough` is the last. */
function measure(expression: RegExp, text: string, enough: number): number {
  let best = Infinity;
  for (let run = 0; run < 5 && best > enough; run += 1) {
    const begin = process.hrtime.bigint();
    expression.test(text);
    best = Math.min(best, Number(process.hrtime.bigint() - begin));
  }
  return best;
}

/** Beginnings of texts that podnetd's expressions look at. */
const prefixes = [
  '',
  'a',
  '0',
  '-',
  '/v4.3',
  '/libpod',
  'http://',
  '1h',
  '1.',
  '10.0.0.0/',
  'sha256:',
  '"',
  '.podnetd-',
  'unix://',
];

/** Parts of texts that begin as an expression may match, and go on for long with characters that it has. */
function pumpsFor({ source: text }: RegExp): readonly (readonly [prefix: string, pump: string])[] {
  const literal = [...new Set(text.replaceAll(/\\[dwsSDWbB]|[\\^$.*+?()[\]{}|]/g, ''))].slice(0, 12);
  const pumps = ['a', '0', '1', 'a0', '.', '-', ' ', '/', ':', '1.', '1h', 'a.', '\\', '"', '%', '\n', ...literal];
  return prefixes.flatMap((prefix) => pumps.map((pump) => [prefix, pump] as const));
}

t.test('ReDoS: each expression of podnetd takes linear time', async (t) => {
  const expressions = findExpressions();
  t.ok(expressions.length > 40, `${expressions.length} expressions`);
  const slow: string[] = [];
  const harmless = 5_000_000;
  const check = (file: string, expression: RegExp) => {
    for (const [prefix, pump] of pumpsFor(expression)) {
      const text = (length: number) => `${prefix}${pump.repeat(length / pump.length)}\0!`;
      // Short texts first, so that an exponential expression is found before it takes for ever.
      for (const length of [20, 24, 28]) {
        if (measure(expression, text(length), harmless) > harmless) {
          slow.push(`${file}: ${String(expression)} ${pump}`);
          return;
        }
      }
      // Eight times the text takes eight times as long, or 64 times if quadratic. Times within 5 ms are harmless.
      const long = measure(expression, text(32_768), harmless);
      if (long > harmless && long > 24 * measure(expression, text(4_096), 0)) {
        slow.push(`${file}: ${String(expression)} ${pump}`);
        return;
      }
    }
  };
  for (const { file, expression } of expressions) check(file, expression);
  t.strictSame(slow, []);
  check('one that is exponential', /^(a+)+$/);
  check('one that is quadratic', /a+$/);
  t.strictSame(
    slow.map((line) => line.split(':', 1)[0]),
    ['one that is exponential', 'one that is quadratic'],
    'the check finds slow expressions',
  );
});

t.test('ReDoS: expressions of clients run on an engine that is linear', async (t) => {
  const daemon = await startDaemon(t);
  t.equal((await daemon.ask('POST', createUrls.v4, { name: 'a'.repeat(200) })).status, 200);
  for (const expression of [
    '^(a+)+$',
    '(a|aa)+b',
    '^(a|a)*b$',
    '(.*)*(.*)*(.*)*c',
    '([a-z]+)*d',
    '(a?){500}a{200}x',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
  ]) {
    for (const key of ['name', 'id']) {
      const filters = encodeURIComponent(JSON.stringify({ [key]: [expression] }));
      t.equal((await daemon.ask('GET', `/v4.3.1/libpod/networks/json?filters=${filters}`)).status, 200, expression);
    }
  }
  const many = encodeURIComponent(JSON.stringify({ name: Array.from({ length: 100 }, () => '(a?){1000}') }));
  const { status, json } = await daemon.ask('GET', `/networks?filters=${many}`);
  t.equal(status, 500, 'as for other filters that cannot be used');
  t.match(json(), { message: /3000/ });
  checkNoBug(t, daemon);
});
