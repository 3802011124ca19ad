import { maxListed } from '../../api/podnetd/listed-limit.js';
import type { PoolReportBody } from '../../api/podnetd/pools.js';
import { codeOf, reasonOf } from '../../host/native-error.js';
import { askSocket, type SocketAnswer } from '../../host/sockets/ask-socket.js';
import { MapError } from '../map-error.js';

const url = `/podnetd/v1/pools?taken=true&limit=${maxListed}`;
const limits = { timeoutMs: 60_000, bytes: 256 * 1024 * 1024 };
const longestExcerpt = 200;

/** No daemon listens on a socket. */
export interface NoDaemon {
  readonly reason: string;
}

/**
 * Asks the daemon behind a socket.
 *
 * @param isReport judges the form of the answer
 * @throws MapError when another program is behind it, or a daemon that does not answer
 */
export async function askDaemon(
  socketPath: string,
  isReport: (body: unknown) => body is PoolReportBody,
): Promise<PoolReportBody | NoDaemon> {
  let answer: SocketAnswer;
  try {
    answer = await askSocket(socketPath, url, limits);
  } catch (error) {
    const reason = reasonOf(error);
    if (['ENOENT', 'ECONNREFUSED'].includes(codeOf(error) ?? '')) return { reason };
    throw new MapError(`${socketPath}: podnetd cannot be asked: ${reason}; ${remedy}`, { cause: error });
  }
  const body = parse(answer.text);
  if (answer.status === 200 && isReport(body)) return body;
  const said = answer.status === 200 ? 'an answer in another form' : `status ${answer.status}${quote(body)}`;
  throw new MapError(`${socketPath}: GET ${url} got ${said}; a podnetd of this version answers it; ${remedy}`);
}

const remedy = 'name another socket with --socket PATH, or read a folder with --cni-config-dir DIR';

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
