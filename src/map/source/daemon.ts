import { maxListed } from '../../api/podnetd/listed-limit.js';
import { askJson, UnusableAnswer, type NoDaemon } from '../../host/sockets/ask-json.js';
import { MapError } from '../map-error.js';

/** The questions of a map. */
export const questions = {
  pools: `/podnetd/v1/pools?taken=true&limit=${maxListed}`,
  fleet: `/podnetd/v1/fleet?limit=${maxListed}`,
} as const;

/**
 * Asks the daemon behind a socket.
 *
 * @param isBody judges the form of the answer
 * @throws MapError when another program is behind it, or a daemon that does not answer
 */
export async function askDaemon<T extends object>(
  socketPath: string,
  url: string,
  isBody: (body: unknown) => body is T,
): Promise<{ readonly body: T } | NoDaemon> {
  try {
    return await askJson(socketPath, url, isBody);
  } catch (error) {
    if (!(error instanceof UnusableAnswer)) throw error;
    throw new MapError(`${socketPath}: ${error.message}; ${remedy}`, { cause: error });
  }
}

const remedy = 'name another socket with --socket PATH, or read a folder with --cni-config-dir DIR';
