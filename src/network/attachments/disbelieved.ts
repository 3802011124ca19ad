import { NetworkError } from '../../model/errors/errors.js';
import type { FaultyRecord } from '../dependencies/attachments.js';

/**
 * Says of an attachment that is missing which files would make it one, were they believed.
 *
 * @param network exact name
 * @param container as it was asked for
 */
export function explainMissing(
  error: NetworkError,
  network: string,
  container: string,
  faults: readonly FaultyRecord[],
): NetworkError {
  const disbelieved = faults
    .filter(({ path, claim }) => {
      const fileName = path.slice(path.lastIndexOf('/') + 1);
      const isClaimed = claim?.networkName === network && claim.containerId === container;
      return isClaimed || fileName.startsWith(`${network}-${container}-`);
    })
    .map(({ path, reason }) => `${path}: ${reason}`);
  if (disbelieved.length === 0) return error;
  return error.code === 'notConnected'
    ? new NetworkError('notConnected', { container, network, disbelieved }, { cause: error })
    : new NetworkError('containerNotFound', { nameOrId: container, disbelieved }, { cause: error });
}

export function isMissing(error: unknown): error is NetworkError {
  return error instanceof NetworkError && (error.code === 'notConnected' || error.code === 'containerNotFound');
}
