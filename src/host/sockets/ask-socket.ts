import { request } from 'node:http';

/** An answer of HTTP. */
export interface SocketAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends a GET over a Unix socket. @throws Error of Node, also with the code ETIMEDOUT and EMSGSIZE where a limit is passed */
export async function askSocket(
  socketPath: string,
  url: string,
  limits: { readonly timeoutMs: number; readonly bytes: number },
): Promise<SocketAnswer> {
  return await new Promise((resolve, reject) => {
    // A connection of its own, because this process asks once.
    const asking = request({ socketPath, path: url, agent: false, headers: { host: 'podnetd' } }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > limits.bytes) asking.destroy(failure('EMSGSIZE', `the answer has more than ${limits.bytes} bytes`));
      });
      answer.once('error', reject);
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    const timer = setTimeout(() => {
      asking.destroy(failure('ETIMEDOUT', `no whole answer within ${limits.timeoutMs / 1_000} s`));
    }, limits.timeoutMs);
    asking.once('error', reject);
    asking.once('close', () => {
      clearTimeout(timer);
      reject(failure('ECONNRESET', 'the connection was closed before the end of the answer'));
    });
    asking.end();
  });
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
