import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Attacks the socket once, and ends by itself within seconds. */
type Attack = (socketPath: string) => Promise<void>;

const createUrl = '/v4.3.1/libpod/networks/create';

function head(method: string, url: string, headers: readonly string[] = []): string {
  return `${[`${method} ${url} HTTP/1.1`, 'Host: d', ...headers].join('\r\n')}\r\n\r\n`;
}

function post(body: string, url = createUrl): string {
  return head('POST', url, ['Content-Type: application/json', `Content-Length: ${body.length}`]) + body;
}

/** Opens a connection, writes to it, and cuts it after a while in any state. */
async function speakFor(socketPath: string, ms: number, say: (socket: Socket) => void, reads = true): Promise<void> {
  const socket = connect(socketPath);
  socket.on('error', () => undefined).on('connect', () => say(socket));
  if (reads) socket.resume();
  else socket.pause();
  await sleep(ms);
  socket.destroy();
}

async function together(count: number, act: (index: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, async (_, index) => await act(index)));
}

function many(count: number, member: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => member(index)).join(',');
}

const bombs = [
  `{"name":"bomb","subnets":[${many(15_000, (index) => `{"subnet":"10.${index >> 8}.${index & 255}.0/24"}`)}]}`,
  `{"name":"bomb","labels":{${many(40_000, (index) => `"k${index}":"v"`)}}}`,
  `{"name":"bomb","options":{${many(300, (index) => `"unknown${index}":"v"`)}}}`,
  `{"name":"bomb","k":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  `{"name":"bomb","network_dns_servers":[${many(60_000, () => '"10.0.0.1"')}]}`,
  `{"Name":"bomb","IPAM":{"Config":[{"Subnet":"10.9.0.0/16","AuxiliaryAddresses":{${many(20_000, (index) => `"a${index}":"10.9.${index >> 8}.${index & 255}"`)}}}]}}`,
  `{"name":"bomb","x":"${'x'.repeat(3_000_000)}"}`,
];

const badRegExp = encodeURIComponent(JSON.stringify({ name: ['^(a+)+$', '(a?){500}a{200}x'] }));

/** Attacks by the names that a failure reports. */
export const attacks: Readonly<Record<string, Attack>> = {
  'bodies that are announced and do not come': async (to) =>
    await together(
      60,
      async () => await speakFor(to, 2_000, (socket) => socket.write(post('{').replace(/h: 1\b/, 'h: 1048576'))),
    ),
  'bodies that come a byte at a time': async (to) =>
    await together(10, async () => {
      await speakFor(to, 2_000, (socket) => {
        socket.write(head('POST', createUrl, ['Content-Length: 1000']));
        const timer = setInterval(() => socket.write(' '), 20);
        socket.on('close', () => clearInterval(timer));
      });
    }),
  'answers that are not read': async (to) =>
    await together(40, async () => {
      await speakFor(
        to,
        2_000,
        (socket) => socket.write(head('GET', '/v4.3.1/libpod/networks/json').repeat(30)),
        false,
      );
    }),
  'event streams that are not read': async (to) =>
    await together(60, async () => {
      await speakFor(to, 2_000, (socket) => socket.write(head('GET', '/v4.3.1/libpod/events?since=0')), false);
    }),
  'event streams that are read': async (to) =>
    await together(60, async () => await speakFor(to, 2_000, (socket) => socket.write(head('GET', '/v1.41/events')))),
  'connections that say nothing': async (to) =>
    await together(100, async () => await speakFor(to, 2_000, () => undefined)),
  'bytes by chance': async (to) =>
    await together(10, async () => await speakFor(to, 200, (socket) => socket.write(randomBytes(2_000)))),
  'heads without an end': async (to) =>
    await together(10, async () => {
      await speakFor(to, 500, (socket) => socket.write(`GET /_ping HTTP/1.1\r\nX: ${'x'.repeat(30_000)}`));
    }),
  'requests in a row without a pause': async (to) =>
    await together(3, async () => {
      await speakFor(to, 1_000, (socket) => socket.write(head('GET', '/_ping').repeat(2_000)));
    }),
  bombs: async (to) => {
    for (const bomb of bombs) await speakFor(to, 300, (socket) => socket.write(post(bomb)));
    for (const bomb of bombs) await speakFor(to, 300, (socket) => socket.write(post(bomb, '/v1.40/networks/create')));
  },
  'expressions of clients': async (to) =>
    await together(5, async () => {
      await speakFor(to, 500, (socket) =>
        socket.write(head('GET', `/v4.3.1/libpod/networks/json?filters=${badRegExp}`)),
      );
    }),
  'requests that are dropped': async (to) =>
    await together(10, async (index) => {
      await speakFor(to, index, (socket) => socket.write(post(`{"name":"dropped${index % 5}"}`)));
      await speakFor(to, index, (socket) =>
        socket.write(head('DELETE', `/v4.3.1/libpod/networks/dropped${index % 5}`)),
      );
    }),
  'expectations and codings': async (to) =>
    await together(10, async () => {
      await speakFor(to, 200, (socket) => {
        socket.write(head('POST', createUrl, ['Expect: wonders', 'Content-Length: 2']));
        socket.write(head('POST', createUrl, ['Transfer-Encoding: gzip, chunked']));
      });
    }),
};
