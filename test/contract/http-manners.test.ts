import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';

t.test('a known path with a wrong method', async (t) => {
  const daemon = await startDaemon(t);
  const cases: readonly (readonly [method: string, url: string, allow: RegExp])[] = [
    ['POST', '/_ping', /^GET, HEAD$/],
    ['DELETE', '/version', /^GET$/],
    ['HEAD', '/version', /^GET$/],
    ['POST', '/v1.41/events?since=1', /^GET$/],
    ['PUT', '/networks/create', /\bPOST\b/],
    ['HEAD', '/networks/x', /\bGET\b/],
    ['PATCH', '/networks/a%2Fb', /\bGET\b/],
    ['OPTIONS', '/v3.2.0/libpod/networks/x/json', /\bGET\b/],
    ['POST', '/v5.4.2/libpod/networks/x/json', /\bGET\b/],
    ['POST', '/podnetd/v1/problems', /^GET$/],
  ];
  for (const [method, url, allow] of cases) {
    const { status, headers, text } = await daemon.ask(method, url);
    t.equal(status, 405, `${method} ${url}`);
    t.match(headers['allow'], allow, url);
    t.equal(headers['content-type'], 'application/json');
    if (method === 'HEAD') t.equal(text, '');
    else {
      t.match(JSON.parse(text), {
        message: `${method} ${url.split('?', 1)[0]}: method not allowed: use `,
        response: 405,
      });
    }
  }
});

t.test('an unknown path is one in every method', async (t) => {
  const daemon = await startDaemon(t);
  for (const url of [
    '/nowhere',
    '/v4.0.0/libpod/networks/a/b/c',
    '/libpod/_pingx',
    '/podnetd/v2/problems',
    '/podnetd',
  ]) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const { status, headers, text } = await daemon.ask(method, url);
      t.equal(status, 404, `${method} ${url}`);
      t.equal(headers['allow'], undefined);
      t.match(JSON.parse(text), { message: `${method} ${url}: no such route: podnetd serves networks only` });
    }
  }
});

t.test("Docker's list has two spellings", async (t) => {
  const daemon = await startDaemon(t);
  for (const prefix of ['', '/v1.41']) {
    const plain = await daemon.ask('GET', `${prefix}/networks`);
    t.equal(plain.status, 200);
    t.match(await daemon.ask('GET', `${prefix}/networks/`), { status: 200, text: plain.text });
  }
  t.equal((await daemon.ask('GET', '/v5.4.2/libpod/networks/')).status, 404, "libpod's list has one spelling");
});

t.test("podnetd's own endpoints", async (t) => {
  const daemon = await startDaemon(t);
  t.same((await daemon.ask('GET', '/podnetd/v1/problems')).text, '[]\n');
  writeFileSync(path.join(daemon.folder, 'bad.conflist'), '{\n  "name": "x",\n  "plugins": [}\n');
  writeFileSync(path.join(daemon.folder, 'odd.conflist'), '{"plugins":[{"type":"bridge"}]}');
  // A young file that is no JSON may be half-written.
  const problems = async () => (await daemon.ask('GET', '/podnetd/v1/problems')).json() as readonly object[];
  for (let tries = 0; tries < 2_000 && (await problems()).length < 2; tries += 1);
  const found = await daemon.ask('GET', '/podnetd/v1/problems');
  t.equal(found.status, 200);
  t.match(found.json(), [
    { path: path.join(daemon.folder, 'bad.conflist'), reason: /JSON/ },
    { path: path.join(daemon.folder, 'odd.conflist'), reason: /no name/ },
  ]);
  t.match((await daemon.ask('GET', '/podnetd/v1/version')).json(), {
    version: /^\d+\.\d+\.\d+$/,
    dockerApi: { version: '1.56', minimum: '1.24' },
    libpodApi: { version: '5.4.2' },
  });
});

t.test('the log has the reason of a refusal, and a remedy', async (t) => {
  const daemon = await startDaemon(t);
  t.equal((await daemon.ask('GET', '/networks')).status, 200);
  const refused = await daemon.ask('DELETE', '/networks/podman');
  t.equal(refused.status, 403);
  t.strictSame(Object.keys(refused.json() as object), ['cause', 'message', 'response'], "Podman's error model");
  t.equal((await daemon.ask('GET', '/nowhere')).status, 404);
  const own = await daemon.ask('GET', '/podnetd/v1/ready?exclude=x');
  t.equal(own.status, 400);
  const remedy = 'exclude takes folder, lock, plugins, socket, separated by commas';
  t.match(own.json(), { message: /"exclude"$/, remedy });
  // The line of an answer may come after the answer, but before the line of the next one.
  t.equal((await daemon.ask('GET', '/_ping')).status, 200);
  const logged = (url: string) => {
    const line = daemon.log().find((candidate) => candidate['url'] === url);
    return [line?.['reason'], line?.['remedy']];
  };
  t.strictSame(logged('/networks'), [undefined, undefined]);
  const [reason, advice] = logged('/networks/podman');
  t.equal(reason, 'default network podman cannot be removed');
  t.match(advice, /default_network in the table \[network\] of containers\.conf/, 'also where the dialect shows none');
  t.strictSame(logged('/nowhere'), ['GET /nowhere: no such route: podnetd serves networks only', undefined]);
  t.equal(logged('/podnetd/v1/ready?exclude=x')[1], remedy);
});
