import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';

const create = {
  compat: '/networks/create',
  v3: '/v3.2.0/libpod/networks/create',
  v4: '/v4.3.1/libpod/networks/create',
} as const;

t.test('a body just below 1 MiB', async (t) => {
  const daemon = await startDaemon(t);
  const fits = { name: 'fits', labels: { k: 'x'.repeat(1024 * 1024 - 100) } };
  t.equal((await daemon.ask('POST', create.v4, fits)).status, 200);
  t.match((await daemon.ask('GET', '/v4.0.0/libpod/networks/fits')).json(), { labels: fits.labels });
});

t.test('keys that JavaScript knows do no harm', async (t) => {
  const daemon = await startDaemon(t);
  const evil =
    '"__proto__":{"name":"evil","Name":"evil","internal":true,"Internal":true,"polluted":"x"},"constructor":{"prototype":{"internal":true}},';
  const labels = '{"__proto__":"p","constructor":"c","toString":"t"}';
  t.equal(
    (await daemon.ask('POST', create.v4, `{${evil}"name":"v4","labels":${labels},"LABELS":${labels}}`)).status,
    200,
  );
  t.equal(
    (await daemon.ask('POST', create.compat, `{${evil}"Name":"compat","Labels":${labels},"Options":{"__proto__":"o"}}`))
      .status,
    201,
  );
  t.equal(
    (await daemon.ask('POST', `${create.v3}?name=v3&__proto__=x&constructor=y`, `{${evil}"Labels":${labels}}`)).status,
    200,
  );
  const wrong = await daemon.ask('POST', create.v4, '{"labels":{"__proto__":{"internal":true}}}');
  t.equal(wrong.status, 400);
  t.match(wrong.json(), {
    cause: 'json: cannot unmarshal object into Go struct field Network.labels.__proto__ of type string',
  });

  for (const name of ['v4', 'compat', 'v3']) {
    const { text } = await daemon.ask('GET', `/networks/${name}`);
    t.match(text, `"Labels":{"__proto__":"p","constructor":"c","toString":"t"}`, `${name} keeps its labels`);
    t.match(text, '"Internal":false', `${name} inherits nothing`);
  }
  t.match((await daemon.ask('GET', '/networks/compat')).text, '"Options":{"__proto__":"o"}');
  t.equal((await daemon.ask('GET', '/networks/evil')).status, 404);

  // A polluted Object.prototype would make this network internal, or give it members that the request lacks.
  t.equal((await daemon.ask('POST', create.v4, { name: 'clean' })).status, 200);
  const { text } = await daemon.ask('GET', '/networks/clean');
  t.match(text, '"Internal":false');
  t.match(text, '"Labels":{},');
  t.notMatch(text, 'polluted');
});

t.test('names of members that Object has are no networks', async (t) => {
  const daemon = await startDaemon(t);
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    t.equal((await daemon.ask('GET', `/networks/${name}`)).status, 404, name);
    t.equal((await daemon.ask('GET', `/v4.0.0/libpod/networks/${name}/json`)).status, 404, name);
  }
  t.equal((await daemon.ask('POST', create.v4, { name: 'constructor' })).status, 200, 'a network may have such a name');
  t.match((await daemon.ask('GET', '/networks/constructor')).json(), { Name: 'constructor' });
});

t.test('host bits are cleared, IPv4 in IPv6 is IPv4', async (t) => {
  const daemon = await startDaemon(t);
  const subnetOf = async (name: string) =>
    ((await daemon.ask('GET', `/v4.0.0/libpod/networks/${name}/json`)).json() as { subnets: unknown }).subnets;
  await daemon.ask('POST', create.v4, { name: 'a', subnets: [{ subnet: '10.224.1.77/23' }] });
  t.strictSame(await subnetOf('a'), [{ subnet: '10.224.0.0/23', gateway: '10.224.0.1' }]);
  await daemon.ask('POST', create.v4, {
    name: 'b',
    subnets: [{ subnet: '10.224.9.0/24', gateway: '::ffff:10.224.9.7' }],
  });
  t.strictSame(await subnetOf('b'), [{ subnet: '10.224.9.0/24', gateway: '10.224.9.7' }]);
  await daemon.ask('POST', create.v4, { name: 'c', subnets: [{ subnet: 'FD00:224:0:0::ABCD/64' }] });
  t.strictSame(await subnetOf('c'), [{ subnet: 'fd00:224::/64', gateway: 'fd00:224::1' }]);
  await daemon.ask('POST', create.compat, { Name: 'd', IPAM: { Config: [{ Subnet: '10.224.10.9/24' }] } });
  t.strictSame(await subnetOf('d'), [{ subnet: '10.224.10.0/24', gateway: '10.224.10.1' }]);
  const Mask = Buffer.from([255, 255, 255, 0]).toString('base64');
  await daemon.ask('POST', `${create.v3}?name=e`, { Subnet: { IP: '::ffff:10.224.11.9', Mask } });
  t.strictSame(await subnetOf('e'), [{ subnet: '10.224.11.0/24', gateway: '10.224.11.1' }]);
});

t.test('no path leads out of the folder', async (t) => {
  const daemon = await startDaemon(t);
  const names = [
    '..%2F..%2Fetc%2Fpasswd',
    '%2Fetc%2Fpasswd',
    '..%2fnet.d%2fx',
    '%2e%2e',
    '%00',
    'a%00b',
    '%ff',
    '%E9',
    encodeURIComponent(daemon.folder),
  ];
  for (const name of names) {
    for (const url of [
      `/networks/${name}`,
      `/v3.2.0/libpod/networks/${name}/json`,
      `/v4.0.0/libpod/networks/${name}`,
    ]) {
      const { status, text } = await daemon.ask('GET', url);
      t.ok(status === 404 || status === 400, `${url}: ${status}`);
      t.notMatch(text, 'root:');
      t.match(JSON.parse(text), { message: String }, 'the client gets a message');
    }
  }
  for (const [url, clean] of [
    ['/networks/../../etc/passwd', '/etc/passwd'],
    ['/../../etc/passwd', '/etc/passwd'],
    ['/networks/./podman', '/networks/podman'],
    ['//networks/podman', '/networks/podman'],
    ['/networks//', '/networks/'],
    ['//v1.41/networks?filters={}', '/v1.41/networks?filters={}'],
    ['//v4.0.0/libpod/networks/json', '/v4.0.0/libpod/networks/json'],
    ['//evil.example/..//networks', '/networks'],
  ]) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const { status, headers, text } = await daemon.ask(method, url ?? '', method === 'POST' ? {} : undefined);
      t.strictSame([status, headers['location'], text], [301, clean, ''], `${method} ${url}`);
    }
  }
  for (const url of ['/', '/moved', '/etc/passwd', '/networks/%2e%2e/x']) {
    const { status, json } = await daemon.ask('GET', url);
    t.equal(status, 404, url);
    t.match(json(), { response: 404 });
  }
  const traversal = `${path.basename(daemon.folder)}%2F..%2F${path.basename(daemon.folder)}`;
  t.equal((await daemon.ask('POST', `${create.v3}?name=..%2F${traversal}`, {})).status, 500);
});

t.test('a URL that cannot be decoded', async (t) => {
  const daemon = await startDaemon(t);
  for (const [prefix, name, status] of [
    ['', '%zz', 400],
    ['/v4.0.0/libpod', 'a%', 400],
    ['/libpod', '%ff', 400],
    ['', 'n'.repeat(2000), 414],
  ] as const) {
    const url = `${prefix}/networks/${name}`;
    const answer = await daemon.ask('GET', url);
    t.equal(answer.status, status, url.slice(0, 60));
    const message = `${url}: not a valid URL`;
    t.strictSame(
      answer.json(),
      { cause: message, message, response: status },
      'the message shows the URL as it was sent',
    );
  }
});

t.test("the router's prefixes are no prefixes for clients", async (t) => {
  const daemon = await startDaemon(t);
  for (const prefix of ['compat', 'libpod-v3', 'libpod-v4']) {
    for (const url of [`/${prefix}/networks/podman`, `/v4.0.0/${prefix}/networks/podman`, `/${prefix}/_ping`]) {
      const { status, json } = await daemon.ask('GET', url);
      t.equal(status, 404, url);
      t.match(
        json(),
        { message: `GET ${url}: no such route: podnetd serves networks only` },
        'the message shows the path as it was sent',
      );
    }
  }
});

t.test('methods that a route does not have', async (t) => {
  const daemon = await startDaemon(t);
  for (const method of ['PUT', 'PATCH', 'OPTIONS', 'TRACE', 'HEAD']) {
    t.equal((await daemon.ask(method, '/networks/podman')).status, 405, method);
  }
  t.equal((await daemon.ask('POST', '/_ping', {})).status, 405);
  t.equal((await daemon.ask('PUT', create.compat, {})).status, 405);
});
