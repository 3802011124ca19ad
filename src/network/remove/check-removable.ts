import { NetworkError } from '../../model/errors/errors.js';
import type { Draft } from '../dependencies/draft.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';

/**
 * Refuses the removal of the default network, of a foreign file, and of a network in use.
 *
 * @throws NetworkError forbidden, inUse
 */
export function checkRemovable(
  stored: StoredNetwork,
  view: Pick<Draft, 'usersOf'>,
  defaultNetwork: string,
  force: boolean,
): void {
  const { name } = stored.network;
  if (name === defaultNetwork) throw new NetworkError('defaultNetworkRemoval', { name });
  if (stored.foreign) throw new NetworkError('networkForeign', { name, path: stored.path ?? '' });
  const users = view.usersOf(stored);
  if (users.length > 0) throw new NetworkError('networkInUse', { name, users, force });
}

/** Tries of a removal whose file changes meanwhile. */
export const maxTries = 5;

/** Whether a program without the lock changed the file after the decision to remove it, so that podnetd must decide again. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof NetworkError && error.code === 'fileOvertaken';
}
