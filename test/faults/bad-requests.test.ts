import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import { limits } from '../../src/api/limits.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { readAnswers, speak, speakOn, writeRequest, type RawAnswer } from '../support/raw-http.js';
import { rounds } from '../support/rounds.js';
import { snapshotFolder } from '../support/snapshot-folder.js';

/** Bytes that are no request, or nearly one: podnetd answers or hangs up, changes nothing, and goes on serving the others. */

const createUrl = '/v4.3.1/libpod/networks/create';
const create = (name: string, headers: readonly string[] = []) =>
  writeRequest('POST', createUrl, JSON.stringify({ name }), headers);
/** A request for a network that exists, which podnetd can refuse only after it has read the whole. */
const again = create('there');
const ping = writeRequest('GET', '/_ping');
const close = ['Connection: close'];

async function startWithNetwork(t: Test): Promise<TestDaemon> {
  const daemon = await startDaemon(t);
  t.equal((await daemon.ask('POST', createUrl, { name: 'there' })).status, 200);
  return daemon;
}

/** @throws Error for an answer that is podnetd's fault, or an error without the envelope. libpod 3 has 500 for a name that is used. */
function checkAnswer({ status, headers, body }: RawAnswer): void {
  if (status > 500 || body.includes('internal error')) throw new Error(`${status} ${body}`);
  if (status < 400) return;
  const { message, response } = JSON.parse(body) as { message: unknown; response: unknown };
  if (headers.get('content-type') !== 'application/json' || typeof message !== 'string' || response !== status) {
    throw new Error(`${status} without an envelope: ${body}`);
  }
}

/** Asserts that the folder is unchanged, and that the daemon serves and has logged no warning. */
async function checkUnharmed(t: Test, daemon: TestDaemon, before: Readonly<Record<string, string>>): Promise<void> {
  t.strictSame(snapshotFolder(daemon.folder), before, 'the folder is unchanged');
  t.equal((await daemon.ask('GET', '/networks/there')).status, 200, 'it serves');
  t.strictSame(
    daemon
      .log()
      // A coding that podnetd does not have is answered 501, and a status from 500 on is a warning, also for a client's fault.
      .filter(
        ({ level, outcome }) => (Number(level) >= 40 && outcome !== 'codingUnsupported') || outcome === 'internal',
      ),
    [],
    'podnetd logged no warning',
  );
}

const requests = [
  again,
  ping,
  writeRequest('GET', '/networks?filters=%7B%22name%22%3A%5B%22t%22%5D%7D', '', close),
  writeRequest('POST', '/v3.2.0/libpod/networks/create?name=there', '{}', ['Content-Type: application/json']),
  writeRequest('POST', createUrl, '7\r\n{"name"\r\n9\r\n:"there"}\r\n0\r\n\r\n', ['Transfer-Encoding: chunked']),
  writeRequest('POST', '/networks/create', '{"Name":"there"}', ['Expect: 100-continue']),
];

/** Pieces that break a parser, put where they do not belong. */
const pieces = [
  '\r\n',
  '\r\n\r\n',
  '\n',
  '\0',
  ' ',
  ':',
  'HTTP/1.1',
  'HTTP/2.0',
  'Content-Length: 7',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Connection: Upgrade\r\nUpgrade: h2c',
  'Expect: 200-ok',
  'ffffffffffffffff\r\n',
  '0\r\n\r\n',
  '%',
  '/../',
  '\u0080\u00ff',
];

/** A request with bytes removed and pieces put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...requests),
    fc.array(
      fc.record({
        at: fc.nat({ max: 400 }),
        remove: fc.constantFrom(0, 0, 1, 2, 10),
        insert: fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary-ascii', maxLength: 4 })),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([request, edits]) => {
    let bytes = request;
    for (const { at, remove, insert } of edits) {
      const place = at % (bytes.length + 1);
      bytes = bytes.slice(0, place) + insert + bytes.slice(place + remove);
    }
    return Buffer.from(bytes, 'latin1');
  });

t.test('bytes by chance', async (t) => {
  const daemon = await startWithNetwork(t);
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 1, arbitrary: bytes }, { weight: 4, arbitrary: mutated }), async (said) => {
      const before = JSON.stringify(snapshotFolder(daemon.folder));
      const answers = readAnswers(await speak(daemon.socket, said));
      answers.forEach(checkAnswer);
      if (answers.some(({ status }) => status < 300)) return;
      if (JSON.stringify(snapshotFolder(daemon.folder)) !== before) throw new Error('a refusal changed the folder');
    }),
    { numRuns: rounds(400, 50_000) },
  );
  t.equal((await daemon.ask('GET', '/networks/there')).status, 200, 'it serves');
  t.notOk(
    daemon.log().some(({ outcome, level }) => outcome === 'internal' || Number(level) >= 50),
    'podnetd logged no bug',
  );
});

t.test('a request that ends after each of its bytes', async (t) => {
  const daemon = await startWithNetwork(t);
  const before = snapshotFolder(daemon.folder);
  for (const whole of [create('other'), requests[4] ?? '']) {
    const head = whole.indexOf('\r\n\r\n') + 4;
    for (let length = 0; length < whole.length; length += 1) {
      const answers = readAnswers(await speak(daemon.socket, whole.slice(0, length)));
      answers.forEach(checkAnswer);
      const statuses = answers.map(({ status }) => status);
      // podnetd cannot answer before the first byte.
      t.strictSame(statuses, length === 0 ? [] : [400], `${length} bytes of ${head} and ${whole.length - head}`);
    }
  }
  await checkUnharmed(t, daemon, before);
});

t.test('a request that comes in two pieces', async (t) => {
  const daemon = await startWithNetwork(t);
  const before = snapshotFolder(daemon.folder);
  for (const whole of [again, requests[4] ?? '']) {
    for (let at = 1; at < whole.length; at += 1) {
      const heard = await speak(daemon.socket, whole.slice(0, at), whole.slice(at));
      const [answer] = readAnswers(heard);
      t.equal(answer?.status, 409, `cut at ${at}`);
    }
  }
  t.equal(readAnswers(await speak(daemon.socket, ...Array.from(again))).at(0)?.status, 409, 'every byte by itself');
  await checkUnharmed(t, daemon, before);
});

t.test('requests behind each other are answered in turn', async (t) => {
  const daemon = await startWithNetwork(t);
  const inspect = (name: string) => writeRequest('GET', `/networks/${name}`);
  const remove = (name: string) => writeRequest('DELETE', `/networks/${name}`);
  for (let round = 0; round < rounds(5, 200); round += 1) {
    const name = `net${round}`;
    const said = [inspect(name), create(name), inspect(name), remove(name), inspect(name), create(name)];
    const answers = readAnswers(await speak(daemon.socket, said.join('')));
    t.strictSame(
      answers.map(({ status }) => status),
      [404, 200, 200, 204, 404, 200],
      'each sees the change of the one before it',
    );
    const pieces = said.join('').match(/[^]{1,7}/g) ?? [];
    const again = readAnswers(await speak(daemon.socket, ...pieces));
    t.strictSame(
      again.map(({ status }) => status),
      [200, 409, 200, 204, 404, 200],
      'pieces of seven bytes make no difference',
    );
  }
});

t.test('good requests before a bad one get their own answers', async (t) => {
  const daemon = await startWithNetwork(t);
  const faults: Readonly<Record<string, string>> = {
    'bytes that are no HTTP': 'nonsense\r\n\r\n',
    'a bad header': 'GET /_ping HTTP/1.1\r\nno header\r\n\r\n',
    'half a head': 'GET /_ping HTTP/1.1\r\nHo',
    'a bad length': writeRequest('POST', createUrl, '{}', ['Content-Length: x']),
    'a bad chunk': writeRequest('POST', createUrl, 'zz\r\n', ['Transfer-Encoding: chunked']),
    'half a body': writeRequest('POST', createUrl, '{"name"', ['Content-Length: 100']),
    'a tunnel': 'CONNECT example.org:443 HTTP/1.1\r\n\r\n',
    'a body too large': writeRequest('POST', createUrl, '', ['Content-Length: 9999999']),
  };
  for (const [index, [said, bad]] of Object.entries(faults).entries()) {
    const name = `before${index}`;
    // The client ends a request that is cut short; podnetd ends the others.
    const say = said.startsWith('half') ? speak : speakOn;
    const answers = readAnswers(await say(daemon.socket, create(name) + ping + bad));
    answers.forEach(checkAnswer);
    const last = said === 'a tunnel' ? 405 : said === 'a body too large' ? 413 : 400;
    t.strictSame(
      answers.map(({ status }) => status),
      [200, 200, last],
      said,
    );
    t.equal((await daemon.ask('GET', `/networks/${name}`)).status, 200, 'the network of the good request was made');
  }
});

t.test('more requests than may wait end the connection with an answer', async (t) => {
  const daemon = await startWithNetwork(t);
  const count = 500;
  const answers = readAnswers(await speak(daemon.socket, create('first') + ping.repeat(count)));
  t.equal(answers.length, 1 + limits.waitingRequests);
  t.ok(answers.every(({ status }) => status === 200));
  t.strictSame(
    answers.map(({ headers }) => headers.get('connection')),
    [...Array.from({ length: limits.waitingRequests }, () => 'keep-alive'), 'close'],
    'the last answer closes the connection',
  );
  // A client that sends them in parts is only slowed down.
  const paced = Array.from({ length: 100 }, () => ping.repeat(10));
  const served = readAnswers(await speakSlowly(daemon.socket, paced));
  t.equal(served.length, 1_000);
  t.ok(served.every(({ status }) => status === 200));
});

/** Sends parts one by one, each after the answers to the one before. @returns all bytes of the answers */
async function speakSlowly(socketPath: string, parts: readonly string[]): Promise<string> {
  const client = connect({ path: socketPath });
  let heard = '';
  client.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
  const closed = new Promise((resolve) => client.once('close', resolve));
  const answers = () => heard.split('HTTP/1.1 200').length - 1;
  let asked = 0;
  for (const part of parts) {
    client.write(part);
    asked += part.split('GET ').length - 1;
    for (let tries = 0; answers() < asked && tries < 2_000; tries += 1) await sleep(1);
  }
  client.end();
  await closed;
  return heard;
}

t.test('a client that has closed its side for writing still gets the answer', async (t) => {
  const daemon = await startWithNetwork(t);
  for (let round = 0; round < rounds(20, 1_000); round += 1) {
    const name = `half${round}`;
    const [answer, ...others] = readAnswers(await speak(daemon.socket, create(name)));
    t.equal(answer?.status, 200, name);
    t.same(others, []);
  }
  const lists = readAnswers(await speak(daemon.socket, writeRequest('GET', '/networks') + ping + ping));
  t.strictSame(
    lists.map(({ status }) => status),
    [200, 200, 200],
  );
});

t.test('bodies and their lengths', async (t) => {
  const daemon = await startWithNetwork(t);
  const before = snapshotFolder(daemon.folder);
  const post = (headers: readonly string[], body: string) => writeRequest('POST', createUrl, body, headers);
  const there = '{"name":"there"}';
  const cases: readonly (readonly [said: string, bytes: string, statuses: readonly number[]])[] = [
    // podnetd takes the rest for the next request.
    ['a length that is too small', post(['Content-Length: 10'], there), [400, 400]],
    ['a length that is too large', post(['Content-Length: 20'], there), [400]],
    ['a length of nothing', post(['Content-Length: 0', ...close], ''), [400]],
    ['a length beyond all numbers', post(['Content-Length: 184467440737095516160'], there), [400]],
    ['a length with a sign', post(['Content-Length: +16'], there), [400]],
    ['a length in hex', post(['Content-Length: 0x10'], there), [400]],
    ['the same length twice', post(['Content-Length: 16', 'Content-Length: 16'], there), [400]],
    ['two lengths in one', post(['Content-Length: 16, 16'], there), [400]],
    [
      'a length and chunks',
      post(['Content-Length: 16', 'Transfer-Encoding: chunked'], `10\r\n${there}\r\n0\r\n\r\n`),
      [400],
    ],
    [
      'chunks and a length',
      post(['Transfer-Encoding: chunked', 'Content-Length: 16'], `10\r\n${there}\r\n0\r\n\r\n`),
      [400],
    ],
    [
      'chunks twice',
      post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], `10\r\n${there}\r\n0\r\n\r\n`),
      [400],
    ],
    ['chunks that are not last', post(['Transfer-Encoding: chunked, gzip'], `10\r\n${there}\r\n0\r\n\r\n`), [400]],
    ['an encoding that is none', post(['Transfer-Encoding: xchunked'], there), [400]],
    ['a chunk of no number', post(['Transfer-Encoding: chunked'], `x\r\n${there}\r\n0\r\n\r\n`), [400]],
    ['a negative chunk', post(['Transfer-Encoding: chunked'], `-10\r\n${there}\r\n0\r\n\r\n`), [400]],
    ['a chunk beyond all numbers', post(['Transfer-Encoding: chunked'], `fffffffffffffffff\r\n${there}`), [400]],
    ['a chunk shorter than it says', post(['Transfer-Encoding: chunked'], `11\r\n${there}\r\n0\r\n\r\n`), [400]],
    ['a chunk longer than it says', post(['Transfer-Encoding: chunked'], `f\r\n${there}\r\n0\r\n\r\n`), [400]],
    ['chunks without an end', post(['Transfer-Encoding: chunked'], `10\r\n${there}\r\n`), [400]],
    [
      'a chunk with much beside its size',
      post(['Transfer-Encoding: chunked'], `10;${'x'.repeat(20_000)}\r\n${there}\r\n0\r\n\r\n`),
      [413],
    ],
    [
      'many chunks',
      post(
        ['Transfer-Encoding: chunked', ...close],
        `${Array.from(there)
          .map((char) => `1\r\n${char}\r\n`)
          .join('')}0\r\n\r\n`,
      ),
      [409],
    ],
    ['a trailer', post(['Transfer-Encoding: chunked', ...close], `10\r\n${there}\r\n0\r\nX-After: 1\r\n\r\n`), [409]],
    ['a body on a GET', writeRequest('GET', '/networks/there', '{"name":"x"}', close), [200]],
    ['a body on a DELETE', writeRequest('DELETE', '/networks/nowhere', 'not json', close), [404]],
    ['a body for no route', writeRequest('POST', '/nowhere', 'not json', close), [404]],
    ['a body with a wrong method', writeRequest('PUT', '/_ping', 'x'.repeat(2_000_000), close), [405]],
    ['a compressed body', post(['Content-Encoding: gzip', ...close], there), [409]],
  ];
  for (const [said, bytes, statuses] of cases) {
    const answers = readAnswers(await speak(daemon.socket, bytes));
    answers.forEach(checkAnswer);
    t.strictSame(
      answers.map(({ status }) => status),
      statuses,
      said,
    );
  }
  await checkUnharmed(t, daemon, before);
});

t.test('heads', async (t) => {
  const daemon = await startWithNetwork(t);
  const before = snapshotFolder(daemon.folder);
  const get = (url: string, headers: readonly string[] = []) => writeRequest('GET', url, '', [...headers, ...close]);
  const many = Array.from({ length: 1_500 }, (_, index) => `a${index}:`);
  const longest = limits.headBytes - 200;
  const cases: readonly (readonly [said: string, bytes: string, status: number])[] = [
    ['HTTP/1.0', 'GET /_ping HTTP/1.0\r\n\r\n', 200],
    ['HTTP/1.0 with a body', `POST ${createUrl} HTTP/1.0\r\nContent-Length: 16\r\n\r\n{"name":"there"}`, 409],
    ['HTTP/0.9', 'GET /_ping\r\n\r\n', 200],
    ['the same header twice', get('/_ping', ['Host: a', 'Host: b', 'Accept: a', 'Accept: b']), 200],
    ['a folded header', get('/_ping', ['X: a\r\n b']), 400],
    ['a header without a name', get('/_ping', [': x']), 400],
    ['a header with a space before its colon', get('/_ping', ['X : x']), 400],
    ['a NUL in a name', get('/_ping', ['X\0Y: x']), 400],
    ['a carriage return alone', get('/_ping', ['X: a\rY: b']), 400],
    ['a request line of spaces', '   \r\n\r\n', 400],
    ['empty lines first', `\r\n\r\n\r\n${get('/_ping')}`, 200],
    ['an upgrade', get('/_ping', ['Connection: Upgrade', 'Upgrade: h2c', 'HTTP2-Settings: AAAA']), 200],
    ['an upgrade to a websocket', get('/events/ws', ['Connection: Upgrade', 'Upgrade: websocket']), 404],
    ['an expectation', get('/_ping', ['Expect: 200-ok']), 417],
    ['a tunnel', 'CONNECT d:1 HTTP/1.1\r\nHost: d\r\n\r\n', 405],
    ['a URL with its host', get('http://d/_ping'), 200],
    ['a URL of another scheme', get('gopher://d:70/networks/there'), 200],
    ['a URL that is no URL', get('/networks/%zz'), 400],
    ['a fragment', get('/_ping#x'), 200],
    ['a NUL in the URL', get('/networks/\0'), 400],
    ['bytes above ASCII in the URL', get('/networks/\u00e9'), 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['an asterisk', writeRequest('OPTIONS', '*', '', close), 404],
    ['headers beyond counting', get('/_ping', many), 200],
    ['the longest head', get(`/_ping?x=${'y'.repeat(longest)}`), 200],
    ['a longer head', get('/_ping', [`X: ${'y'.repeat(limits.headBytes)}`]), 431],
    ['a longer URL', get(`/_ping?x=${'y'.repeat(limits.headBytes)}`), 431],
    ['the longest name', get(`/networks/${'n'.repeat(limits.parameterLength)}`), 404],
    ['a longer name', get(`/networks/${'n'.repeat(limits.parameterLength + 1)}`), 414],
  ];
  for (const [said, bytes, status] of cases) {
    const answers = readAnswers(await speak(daemon.socket, Buffer.from(bytes, 'latin1')));
    answers.forEach(checkAnswer);
    t.strictSame(
      answers.map((answer) => answer.status),
      [status],
      said,
    );
  }
  await checkUnharmed(t, daemon, before);
});

t.test('connections that are reset in the middle', async (t) => {
  const daemon = await startWithNetwork(t);
  for (let length = 0; length <= again.length; length += rounds(5, 1)) {
    await new Promise<void>((resolve) => {
      const client = connect(daemon.socket, () => client.write(again.slice(0, length), () => client.destroy()));
      client.on('error', () => undefined).on('close', () => resolve());
    });
  }
  t.equal((await daemon.ask('GET', '/networks/there')).status, 200, 'it serves');
  t.notOk(
    daemon.log().some(({ outcome, level }) => outcome === 'internal' || Number(level) >= 50),
    'podnetd logged no bug',
  );
});

t.test('clients that do not read their answers cost no more memory than the limit for answers', async (t) => {
  const daemon = await startWithNetwork(t);
  const labels = { k: 'x'.repeat(900_000) };
  for (let index = 0; index < 10; index += 1) {
    t.equal((await daemon.ask('POST', createUrl, { name: `large${index}`, labels })).status, 200);
  }
  const memoryOf = () =>
    Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${daemon.process.pid}/status`, 'utf8'))?.[1]) * 1024;
  const clients: Socket[] = [];
  t.teardown(() => clients.forEach((client) => client.destroy()));
  const count = rounds(100, 1_000);
  for (let index = 0; index < count; index += 1) {
    const client = connect(daemon.socket);
    client.on('error', () => undefined).pause();
    // With a filter, because podnetd prints such an answer anew each time.
    client.write(writeRequest('GET', '/networks?filters=%7B%22name%22%3A%5B%22large%22%5D%7D').repeat(3));
    clients.push(client);
    // podnetd is answering each client when the next one comes.
    await daemon.ask('GET', '/_ping');
  }
  const cut = daemon.log().filter(({ msg }) => String(msg).startsWith('an answer was cut')).length;
  t.ok(cut > 0 && cut < count, `${cut} of ${count} were cut`);
  const answerBytes = 10 * 900_000;
  t.ok(answerBytes * count > 3 * limits.allAnswersBytes, 'the answers are much larger together');
  t.ok(memoryOf() < 3 * limits.allAnswersBytes, `${Math.round(memoryOf() / 2 ** 20)} MiB`);
  t.equal((await daemon.ask('GET', '/networks/there')).status, 200, 'other clients are served');
});
