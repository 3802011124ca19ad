import { maxListed } from '../../api/podnetd/listed-limit.js';
import type { PoolReportBody } from '../../api/podnetd/pools.js';
import { askJson, UnusableAnswer, type NoDaemon } from '../../host/sockets/ask-json.js';
import { MapError } from '../map-error.js';

const url = `/podnetd/v1/pools?taken=true&limit=${maxListed}`;

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
  try {
    const answer = await askJson(socketPath, url, isReport);
    return 'body' in answer ? answer.body : answer;
  } catch (error) {
    if (!(error instanceof UnusableAnswer)) throw error;
    throw new MapError(`${socketPath}: ${error.message}; ${remedy}`, { cause: error });
  }
}

const remedy = 'name another socket with --socket PATH, or read a folder with --cni-config-dir DIR';
