import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { limits } from '../../src/api/limits.js';
import { ListenError } from '../../src/host/sockets/listen-error.js';
import { NetworkError } from '../../src/model/errors/errors.js';
import type { Exposition } from '../../src/network/dependencies/exposition.js';
import type { Exchange } from '../../src/server/dialect-app.js';
import { listenForScrapes } from '../../src/server/scrape-listener.js';

/** The server of metrics over TCP: one route, few connections, each for a short time. */

const url = '/podnetd/v1/metrics';
const metrics: Exposition = { print: async (form) => await Promise.resolve(`# ${form}\n`) };

/** Node sets it. source: Node.js lib/net.js@v20 (onconnection) */
type OfServer = Socket & { readonly server: Server };

interface Served {
  readonly port: number;
  readonly address: string;
  readonly exchanges: readonly Exchange[];
  readonly errors: readonly unknown[];
}

async function serve(
  t: Test,
  own: Partial<typeof limits> = {},
  exposition = metrics,
  host = '127.0.0.1',
  isLoopback = true,
): Promise<Served> {
  const exchanges: Exchange[] = [];
  const errors: unknown[] = [];
  const listener = await listenForScrapes({
    host,
    port: 0,
    isLoopback,
    metrics: exposition,
    onAnswer: (exchange) => exchanges.push(exchange),
    log: { error: (fields: unknown) => void errors.push(fields), warn: (fields: unknown) => void errors.push(fields) },
    limits: { ...limits, ...own },
  });
  t.teardown(async () => await listener.close());
  return { address: listener.address, port: Number(listener.address.split(':').at(-1)), exchanges, errors };
}

/** @returns all that the server sent until it hung up */
async function say(port: number, bytes: string, host = '127.0.0.1'): Promise<string> {
  const client = connect({ port, host });
  client.on('error', () => undefined);
  client.write(bytes);
  return await text(client).catch(() => '');
}

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;

t.test('each form, by Accept', async (t) => {
  const { port, exchanges } = await serve(t);
  t.match(
    await say(port, get(url)),
    /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/plain; version=0\.0\.4; charset=utf-8\r\n/,
  );
  const open = await say(port, get(`${url}?a=b`, 'Accept: application/openmetrics-text; version=1.0.0\r\n'));
  t.match(
    open,
    /^HTTP\/1\.1 200 OK\r\ncontent-type: application\/openmetrics-text; version=1\.0\.0; charset=utf-8\r\n/,
  );
  t.match(open, /# openmetrics\n$/);
  t.match(exchanges, [
    { dialect: 'podnetd', operation: 'podnetdMetrics', code: 200 },
    { dialect: 'podnetd', operation: 'podnetdMetrics', code: 200 },
  ]);
});

t.test('no other path, method or protocol', async (t) => {
  const { port, exchanges } = await serve(t);
  for (const path of [
    '/',
    '/metrics',
    '/networks',
    '/podnetd/v1/networks',
    '/podnetd/v1/metrics/',
    '/%70odnetd/v1/metrics',
    '//podnetd/v1/metrics',
    `http://d${url}`,
  ])
    t.match(await say(port, get(path)), /^HTTP\/1\.1 404 /, path);
  for (const method of ['POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'])
    t.match(
      await say(port, `${method} ${url} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`),
      /^HTTP\/1\.1 405 .*\r\nallow: GET\r\n/s,
      method,
    );
  t.match(await say(port, get(url, 'Connection: Upgrade\r\nUpgrade: tcp\r\n')), /^HTTP\/1\.1 200 /, 'no upgrade');
  t.match(
    await say(port, get(url, 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n')),
    /^HTTP\/1\.1 200 /,
  );
  t.notMatch(await say(port, 'CONNECT d:80 HTTP/1.1\r\nHost: localhost\r\n\r\n'), /200/, 'no tunnel');
  const codes = new Set(exchanges.filter(({ operation }) => operation === undefined).map(({ code }) => code));
  t.strictSame(codes, new Set([404]));
});

t.test('one request a connection', async (t) => {
  const { port, exchanges } = await serve(t);
  const heard = await say(port, get(url) + get(url) + get(url));
  t.equal(heard.split('HTTP/1.1 200').length - 1, 1);
  t.equal(exchanges.length, 1);
});

t.test('clients that send nothing, half a head, or do not read are cut', async (t) => {
  const large: Exposition = { print: async () => await Promise.resolve('x'.repeat(32 * 1024 * 1024)) };
  const { port } = await serve(t, { scrapeTimeoutMs: 300 }, large);
  for (const bytes of ['', 'GET', `GET ${url} HTTP/1.1\r\nHost: localhost\r\nX: `, get(url)]) {
    const client = connect({ port, host: '127.0.0.1' });
    client.on('error', () => undefined);
    const closed = once(client, 'close');
    if (bytes !== '') client.write(bytes);
    client.pause();
    // Reads only once the server has hung up.
    setTimeout(() => client.resume(), 600);
    await closed;
    t.pass(JSON.stringify(bytes));
  }
});

t.test('clients that hold connections keep no other out', async (t) => {
  const { port } = await serve(t, { scrapeConnections: 3, scrapeTimeoutMs: 3_600_000 });
  const idle = Array.from({ length: 20 }, () => connect({ port, host: '127.0.0.1' }));
  for (const client of idle) {
    client.on('error', () => undefined);
    t.teardown(() => client.destroy());
  }
  await Promise.all(idle.map(async (client) => await once(client, 'connect')));
  t.match(await say(port, get(url)), /^HTTP\/1\.1 200 /);
});

t.test('no more connections than the bound stay, however many come at once', async (t) => {
  const { port } = await serve(t, { scrapeConnections: 3, scrapeTimeoutMs: 3_600_000 });
  const clients = Array.from({ length: 100 }, () => connect({ port, host: '127.0.0.1' }));
  let closed = 0;
  for (const client of clients) {
    client.on('error', () => undefined);
    client.once('close', () => (closed += 1));
    client.resume();
    t.teardown(() => client.destroy());
  }
  for (let tries = 0; closed < 97 && tries < 200; tries += 1) await sleep(10);
  t.equal(closed, 97);
  t.match(await say(port, get(url)), /^HTTP\/1\.1 200 /);
});

t.test('a connection that cannot be accepted ends nothing', async (t) => {
  const { port, errors } = await serve(t);
  const servers = new Set<Server>();
  const note = (message: unknown) => void servers.add((message as { readonly socket: OfServer }).socket.server);
  subscribe('net.server.socket', note);
  t.match(await say(port, get(url)), /^HTTP\/1\.1 200 /);
  unsubscribe('net.server.socket', note);
  const [server] = servers;
  // Node emits what accept(2) fails with.
  for (const code of ['ENFILE', 'ENOBUFS']) server?.emit('error', new Error(`accept ${code}`));
  t.match(errors, [{ err: { message: 'accept ENFILE' } }, { err: { message: 'accept ENOBUFS' } }]);
  t.match(await say(port, get(url)), /^HTTP\/1\.1 200 /);
});

t.test('a head that is too long', async (t) => {
  const { port } = await serve(t);
  t.match(await say(port, get(url, `X: ${'y'.repeat(limits.headBytes)}\r\n`)), /^HTTP\/1\.1 431 /);
});

t.test('metrics that cannot be had', async (t) => {
  const cause = new NetworkError('storageFailed', { path: '/x', operation: 'open', reason: 'EIO: i/o error' });
  const { port, errors } = await serve(t, {}, { print: async () => await Promise.reject(cause) });
  const heard = await say(port, get(url));
  t.match(heard, /^HTTP\/1\.1 500 .*\r\n\r\nthe metrics cannot be had; the log of podnetd says why\n$/s);
  t.notMatch(heard, /EIO/, 'the cause is for the log alone');
  t.match(errors, [{ err: cause }]);
});

t.test('IPv6, and a port that another program has', async (t) => {
  const { port, address } = await serve(t, {}, metrics, '::1');
  t.equal(address, `[::1]:${port}`);
  t.match(await say(port, get(url), '::1'), /^HTTP\/1\.1 200 /);
  const again = listenForScrapes({
    host: '::1',
    port,
    isLoopback: true,
    metrics,
    onAnswer: () => undefined,
    log: { error: () => undefined, warn: () => undefined },
  });
  await t.rejects(
    again,
    new ListenError(
      `--metrics-listen ::1 port ${port}: listen EADDRINUSE: address already in use ::1:${port}; end the program that has the port, or give another one with --metrics-listen`,
    ),
  );
});

t.test('a page whose name leads to this machine reads nothing, and addresses and local names do', async (t) => {
  const ask = async (port: number, head: string) => await say(port, `GET ${url} HTTP/1.1\r\n${head}\r\n`);
  const { port, exchanges } = await serve(t);
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '[evil]',
    'd',
    '127.0.0.1@evil.example',
    '::1',
  ]) {
    const heard = await ask(port, `Host: ${host}\r\n`);
    t.match(heard, /^HTTP\/1\.1 421 .*; name the target 127\.0\.0\.1 or localhost\n$/s, host);
    t.ok(heard.includes(`Host "${host}": `));
    t.notMatch(heard, '# text');
  }
  t.ok(exchanges.every(({ code }) => code === 421));
  for (const host of [
    '127.0.0.1',
    `127.0.0.1:${port}`,
    `[::1]:${port}`,
    '[::1]',
    `localhost:${port}`,
    'LOCALHOST.',
    'a.localhost',
    '192.0.2.7',
    '',
  ])
    t.match(await ask(port, `Host: ${host}\r\n`), /^HTTP\/1\.1 200 /, host);
  t.match(await say(port, `GET ${url} HTTP/1.0\r\n\r\n`), /^HTTP\/1\.1 200 /, 'no browser leaves Host out');
  const remote = await serve(t, {}, metrics, '127.0.0.1', false);
  t.match(
    await ask(remote.port, 'Host: host.example:9653\r\n'),
    /^HTTP\/1\.1 200 /,
    'others know this machine by names',
  );
});
