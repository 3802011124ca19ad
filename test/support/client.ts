import { request, type Agent, type IncomingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as received. */
  readonly text: string;
  /** The body parsed; throws when it is no JSON. */
  json(): unknown;
}

/** One request over a Unix socket; a body that is no string is sent as JSON. */
export async function ask(
  socketPath: string,
  method: string,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
  agent: Agent | false = false,
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    // With `close`, the server may hang up between a long body and Node's last, empty write, and the answer would be lost.
    const sent = { connection: 'keep-alive', ...headers };
    const outgoing = request({ socketPath, method, path: url, headers: sent, agent }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          json: () => JSON.parse(text) as unknown,
        });
      });
    });
    outgoing.on('error', reject);
    if (body === undefined) outgoing.end();
    else outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}
