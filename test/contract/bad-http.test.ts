import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { readAnswers, speak as speakAll, speakOn, writeRequest } from '../support/raw-http.js';
import { snapshotFolder } from '../support/snapshot-folder.js';

const createUrl = '/v4.3.1/libpod/networks/create';

/** Writes bytes to the socket and reads until the daemon hangs up. */
async function speak(socket: string, bytes: string | Buffer): Promise<string> {
  return await new Promise((resolve, reject) => {
    let heard = '';
    const connection = connect(socket, () => connection.write(bytes));
    connection.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
    // The daemon may hang up before all bytes are written.
    connection.on('error', (error) => (heard === '' ? reject(error) : resolve(heard)));
    connection.on('close', () => resolve(heard));
  });
}

async function checkServes(t: Test, daemon: TestDaemon, said: string): Promise<void> {
  t.equal((await daemon.ask('GET', '/_ping')).status, 200, `the daemon serves after ${said}`);
}

t.test('a request without Host is served: there is one host only', async (t) => {
  const daemon = await startDaemon(t);
  const heard = await speak(daemon.socket, 'GET /_ping HTTP/1.1\r\nConnection: close\r\n\r\n');
  t.match(heard, /^HTTP\/1\.1 200 /);
});

t.test('bytes that are no HTTP', async (t) => {
  const daemon = await startDaemon(t);
  const end = 'Host: d\r\nConnection: close\r\n\r\n';
  const spoken: readonly (readonly [said: string, bytes: string | Buffer, status: number])[] = [
    ['words', 'hello daemon\r\n\r\n', 400],
    ['a version that is none', `GET /_ping HTTP/x.y\r\n${end}`, 400],
    ['HTTP 9', `GET /_ping HTTP/9.9\r\n${end}`, 400],
    ['an unknown method', `FETCH /_ping HTTP/1.1\r\n${end}`, 400],
    ['a path that begins with no slash', `GET _ping HTTP/1.1\r\n${end}`, 400],
    ['a header without a colon', `GET /_ping HTTP/1.1\r\nnonsense\r\n${end}`, 400],
    ['a NUL in a header', `GET /_ping HTTP/1.1\r\nX: a\u0000b\r\n${end}`, 400],
    ['a length that is no number', `POST ${createUrl} HTTP/1.1\r\nContent-Length: x\r\n${end}`, 400],
    ['a negative length', `POST ${createUrl} HTTP/1.1\r\nContent-Length: -1\r\n${end}`, 400],
    ['two lengths', `POST ${createUrl} HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n${end}{}x`, 400],
    [
      'a length and chunks',
      `POST ${createUrl} HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n${end}{}`,
      400,
    ],
    [
      'a chunk of no size',
      `POST ${createUrl} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${end}zz\r\n{}\r\n0\r\n\r\n`,
      400,
    ],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), 400],
    ['a header without an end', `GET /_ping HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n${end}`, 431],
  ];
  for (const [said, bytes, status] of spoken) {
    const heard = await speak(daemon.socket, bytes);
    t.match(heard.split('\r\n', 1)[0], new RegExp(`^HTTP/1\\.1 ${status} `), said);
    await checkServes(t, daemon, said);
  }
  t.strictSame(snapshotFolder(daemon.folder), {}, 'nothing was made');
  t.notOk(
    daemon.log().some((line) => Number(line['level']) >= 50),
    'podnetd logged no bug',
  );
});

t.test('a body over 1 MiB', async (t) => {
  const daemon = await startDaemon(t);
  const limitBytes = 1024 * 1024;
  const message = `request body is larger than ${limitBytes} bytes`;
  for (const url of ['/networks/create', '/v3.2.0/libpod/networks/create?name=big', createUrl]) {
    const head = `POST ${url} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n`;
    // Whole requests, because a client gets its answer only if the daemon reads everything before it hangs up.
    const chunk = `{"name":"big","k":"${'x'.repeat(2 * limitBytes)}"}`;
    for (const request of [
      `${head}Content-Length: ${chunk.length}\r\n\r\n${chunk}`,
      `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`,
    ]) {
      const heard = await speak(daemon.socket, request);
      t.match(heard, /^HTTP\/1\.1 413 /, url);
      t.ok(heard.endsWith(`\r\n\r\n{"cause":"${message}","message":"${message}","response":413}\n`), url);
      await checkServes(t, daemon, 'a body that is too large');
    }
    for (const body of [chunk, '{']) {
      const post = `POST ${url} HTTP/1.1\r\nHost: d\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      const ping = 'GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n';
      const statuses = readAnswers(await speak(daemon.socket, post + ping)).map(({ status }) => status);
      t.equal(statuses.length, 2, `${url}: the connection goes on behind a whole body: ${String(statuses)}`);
    }
  }
  t.strictSame(snapshotFolder(daemon.folder), {}, 'nothing was made');
});

t.test('every form of a URL', async (t) => {
  const daemon = await startDaemon(t);
  const end = 'HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n';
  t.match(await speak(daemon.socket, `GET http://d/v4.0.0/libpod/networks/podman/json ${end}`), '{"name":"podman",');
  t.match(await speak(daemon.socket, `GET http://d/networks/podman ${end}`), '{"Name":"podman",');
  t.match(
    await speak(daemon.socket, `OPTIONS * ${end}`),
    '"message":"OPTIONS *: no such route: podnetd serves networks only"',
  );
});

t.test('a client that goes away in the middle', async (t) => {
  const daemon = await startDaemon(t);
  for (const bytes of [
    '',
    'GET',
    `POST ${createUrl} HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\n{"name":"half`,
  ]) {
    await new Promise<void>((resolve, reject) => {
      const connection = connect(daemon.socket, () => connection.end(bytes, () => connection.destroy()));
      connection.on('error', reject).on('close', () => resolve());
    });
    await checkServes(t, daemon, `${bytes.length} bytes`);
  }
  t.strictSame(snapshotFolder(daemon.folder), {}, 'nothing was made');
});

t.test(
  'parts of HTTP that podnetd does not support are refused in turn, with the common headers and a line in the log',
  async (t) => {
    const daemon = await startDaemon(t);
    const body = '{"name":"unmet"}';
    const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const coded = (coding: string) =>
      writeRequest('POST', createUrl, '', [`Transfer-Encoding: ${coding}`]).concat(chunked);
    const spoken: readonly (readonly [said: string, request: string, status: number, outcome: string])[] = [
      ['an unknown expectation', writeRequest('GET', '/networks', '', ['Expect: foo']), 417, 'expectationFailed'],
      [
        'an unknown expectation with a body',
        writeRequest('POST', createUrl, body, ['Expect: foo']),
        417,
        'expectationFailed',
      ],
      [
        'an unknown expectation on a path that is not clean',
        writeRequest('GET', '//networks', '', ['Expect: foo']),
        417,
        'expectationFailed',
      ],
      [
        'an unknown expectation on no route',
        writeRequest('GET', '/nowhere', '', ['Expect: foo']),
        417,
        'expectationFailed',
      ],
      ['gzip', coded('gzip, chunked'), 501, 'codingUnsupported'],
      ['an unknown coding', coded('br,chunked'), 501, 'codingUnsupported'],
    ];
    const ping = writeRequest('GET', '/_ping', '');
    const create = writeRequest('POST', createUrl, '{"name":"first"}');
    for (const [said, request, status, outcome] of spoken) {
      const before = daemon.log().length;
      const answers = readAnswers(await speakAll(daemon.socket, create + request + ping));
      t.strictSame(
        answers.slice(1).map((answer) => answer.status),
        [status, 200],
        `${said}: behind the answer to a create, and ahead of the next`,
      );
      const refused = answers[1];
      t.match(JSON.parse(refused?.body ?? ''), { message: /Expect|Transfer-Encoding/, response: status }, said);
      t.equal(refused?.headers.get('content-type'), 'application/json');
      t.ok(refused?.headers.has('libpod-api-version') && refused.headers.has('x-reference-id'), 'the common headers');
      const lines = daemon.log().slice(before);
      t.match(
        lines.filter((line) => line['outcome'] === outcome),
        // A client's fault with such a status is a warning.
        [{ status, level: status >= 500 ? 40 : 30 }],
        'one line in the log',
      );
    }
    t.notMatch(snapshotFolder(daemon.folder), { 'unmet.conflist': /./ }, 'no refused request was carried out');
  },
);

t.test('a body that is announced with an expectation and never sent ends with the connection', async (t) => {
  const daemon = await startDaemon(t);
  const head = writeRequest('POST', createUrl, '', ['Expect: foo', 'Content-Length: 10']);
  const answers = readAnswers(await speakOn(daemon.socket, head));
  t.match(answers, [{ status: 417 }]);
  t.equal(answers[0]?.headers.get('connection'), 'close');
});

t.test('the coding chunked alone, and an expectation that podnetd meets', async (t) => {
  const daemon = await startDaemon(t);
  const chunked = (coding: string) =>
    writeRequest('GET', '/_ping', '', [`Transfer-Encoding: ${coding}`]).concat('0\r\n\r\n');
  for (const request of [
    chunked('chunked'),
    chunked('CHUNKED'),
    writeRequest('POST', createUrl, '{}', ['Expect: 100-continue']),
  ]) {
    t.match(readAnswers(await speakAll(daemon.socket, request)), [{ status: 200 }], request);
  }
});
