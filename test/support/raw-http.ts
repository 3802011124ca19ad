import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

export interface RawAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * Writes each part in its own turn of the event loop, ends the sending side, and reads until the server hangs up.
 *
 * @returns the bytes received, one character per byte
 */
export async function speak(socketPath: string, ...parts: readonly (string | Buffer)[]): Promise<string> {
  return await converse(socketPath, parts, true);
}

/** As {@link speak}, but leaves the sending side open, so that only the server can end the connection. */
export async function speakOn(socketPath: string, ...parts: readonly (string | Buffer)[]): Promise<string> {
  return await converse(socketPath, parts, false);
}

async function converse(socketPath: string, parts: readonly (string | Buffer)[], ends: boolean): Promise<string> {
  return await new Promise((resolve) => {
    const heard: Buffer[] = [];
    const client = connect({ path: socketPath, allowHalfOpen: true }, () => {
      void (async () => {
        for (const part of parts) {
          if (client.writable) client.write(part);
          await nextTurn();
        }
        if (ends) client.end();
      })();
    });
    client.on('data', (chunk: Buffer) => heard.push(chunk));
    // The server may hang up while the test still writes; the bytes received until then count.
    client.on('error', () => undefined);
    client.on('end', () => client.destroy());
    client.on('close', () => resolve(Buffer.concat(heard).toString('latin1')));
  });
}

/**
 * Parses the bytes that a server sent: answers one after another.
 *
 * @param method of the requests; answers to HEAD have no body. source: RFC 9112, 6.3
 * @returns the answers, without provisional ones
 * @throws Error when there are other bytes
 */
export function readAnswers(text: string, method = 'GET'): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== '';) {
    const headEnd = rest.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = rest.slice(0, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 ([1-5]\d\d) [A-Z][A-Za-z '-]*$/.exec(statusLine)?.[1]);
    if (headEnd < 0 || Number.isNaN(status)) throw new Error(`no answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const headers = new Map(lines.map(readHeader));
    const [body, length] = method === 'HEAD' ? (['', 0] as const) : readBody(rest.slice(headEnd + 4), headers, status);
    if (status >= 200) answers.push({ status, headers, body });
    rest = rest.slice(headEnd + 4 + length);
  }
  return answers;
}

function readHeader(line: string): readonly [name: string, value: string] {
  const [, name = '', value = ''] = /^([A-Za-z-]+): ([\x20-\x7e]*)$/.exec(line) ?? [];
  if (name === '') throw new Error(`no header: ${JSON.stringify(line)}`);
  return [name.toLowerCase(), value];
}

/** @returns the body, and its length on the wire in bytes */
function readBody(rest: string, headers: ReadonlyMap<string, string>, status: number): readonly [string, number] {
  if (status < 200 || status === 204) return ['', 0];
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(rest);
  const length = Number(headers.get('content-length') ?? Number.NaN);
  if (!(length <= rest.length)) throw new Error(`a body of ${rest.length} bytes where ${length} were announced`);
  return [rest.slice(0, length), length];
}

function readChunks(rest: string): readonly [string, number] {
  let body = '';
  for (let at = 0; ;) {
    const end = rest.indexOf('\r\n', at);
    const size = Number.parseInt(rest.slice(at, end), 16);
    if (end < 0 || Number.isNaN(size)) throw new Error(`no chunk: ${JSON.stringify(rest.slice(at, at + 100))}`);
    body += rest.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
    if (size === 0) return [body, at];
  }
}

/** The text of a request, with a Content-Length unless the headers frame the body. */
export function writeRequest(method: string, url: string, body = '', headers: readonly string[] = []): string {
  const isFramed = headers.some((line) => /^(content-length|transfer-encoding):/i.test(line));
  const length = body === '' || isFramed ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return `${[`${method} ${url} HTTP/1.1`, 'Host: d', ...headers, ...length].join('\r\n')}\r\n\r\n${body}`;
}
