import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { checkHeaders, creations, idOf, nextSubnet, settle } from './dialects.js';

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
      t.match(readFileSync(file, 'utf8'), `"subnet": "${subnet}.0/24"`, 'the file is there before the answer');
    }
  });
}

t.test('every dialect shows the networks of all', async (t) => {
  const daemon = await startDaemon(t);
  for (const [index, { request, prefixes }] of creations.entries()) {
    const { url, body } = request(`by${index}`, `10.211.${index}`);
    t.match((await daemon.ask('POST', (prefixes[1] ?? '') + url, body)).status, /^20[01]$/);
  }
  for (const index of creations.keys()) {
    const name = `by${index}`;
    const id = idOf(name);
    const subnet = `10.211.${index}`;
    // A Docker client reads the pool that it sent.
    const gateway = creations[index]?.dialect === 'compat' ? '' : `,"Gateway":"${subnet}.1"`;
    for (const given of [name, id, id.slice(0, 12)]) {
      const shown = await daemon.ask('GET', `/v1.41/networks/${given}?verbose=true&scope=local`);
      t.equal(shown.status, 200);
      checkHeaders(t, shown);
      t.equal(
        settle(shown.text),
        `{"Name":"${name}","Id":"${id}","Created":"<time>","Scope":"local","Driver":"bridge","EnableIPv6":false,"IPAM":{"Driver":"default",` +
          `"Options":null,"Config":[{"Subnet":"${subnet}.0/24"${gateway}}]},"Internal":false,"Attachable":false,"Ingress":false,` +
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

t.test('a body is read as JSON with any content type', async (t) => {
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
    // Single bytes, so that characters are cut in two.
    for (const byte of Buffer.from(text)) outgoing.write(Buffer.of(byte));
    outgoing.end();
  });
  t.equal(status, 200);
  t.match((await daemon.ask('GET', '/v4.0.0/libpod/networks/pieces/json')).json(), { labels: { ü: '☃'.repeat(10) } });
});

t.test('inspect shows the values of the request', async (t) => {
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
  const shown = await daemon.ask('GET', '/v1.41/networks/full');
  t.equal(
    settle(shown.text),
    `{"Name":"full","Id":"${idOf('full')}","Created":"<time>","Scope":"local","Driver":"bridge","EnableIPv6":true,"IPAM":{"Driver":"default",` +
      '"Options":{"my.option":"1"},"Config":[{"Subnet":"10.215.3.7/16","IPRange":"10.215.128.0/17","Gateway":"10.215.0.9"},' +
      '{"Subnet":"fd00:215::/64"}]},"Internal":false,"Attachable":false,"Ingress":false,"ConfigFrom":{"Network":""},' +
      '"ConfigOnly":false,"Containers":{},"Options":{"com.docker.network.driver.mtu":"1400","odd\\"option":"x"},' +
      String.raw`"Labels":{"10":"z","__proto__x":"y","a\u003cb":"\u0026","com.docker.compose.project":"p"}}` +
      '\n',
  );
});
