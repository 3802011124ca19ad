import { codeOf, reasonOf } from '../native-error.js';
import { askSocket, type SocketAnswer } from './ask-socket.js';

const limits = { timeoutMs: 60_000, bytes: 256 * 1024 * 1024 };
const longestExcerpt = 200;

/** No daemon listens on a socket. */
export interface NoDaemon {
  readonly reason: string;
}

/** A daemon gave no usable answer; the message is a clause. */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer';
}

/**
 * Asks a daemon for a body of JSON.
 *
 * @param isBody judges its form
 * @throws UnusableAnswer when another program is behind the socket, or a daemon that does not answer
 */
export async function askJson<T extends object>(
  socketPath: string,
  url: string,
  isBody: (body: unknown) => body is T,
): Promise<{ readonly body: T } | NoDaemon> {
  let answer: SocketAnswer;
  try {
    answer = await askSocket(socketPath, url, limits);
  } catch (error) {
    const reason = reasonOf(error);
    if (['ENOENT', 'ECONNREFUSED'].includes(codeOf(error) ?? '')) return { reason };
    throw new UnusableAnswer(`podnetd cannot be asked: ${reason}`, { cause: error });
  }
  const body = parse(answer.text);
  if (answer.status === 200 && isBody(body)) return { body };
  const said = answer.status === 200 ? 'an answer in another form' : `status ${answer.status}${quote(body)}`;
  throw new UnusableAnswer(`GET ${url} got ${said}; a podnetd of this version answers it`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The message of an error's body, cut. */
function quote(body: unknown): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' ? ` (${message.slice(0, longestExcerpt)})` : '';
}
