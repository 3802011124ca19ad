import { NetworkError } from '../../model/errors/errors.js';
import type { Draft } from '../dependencies/draft.js';
import type { StoredNetwork } from '../dependencies/stored-network.js';

/**
 * Refuses what must not be removed.
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

/** How often a removal is decided on. */
export const maxTries = 5;

/** Somebody without a lock changed the file after its removal was decided on, so it has to be decided on again. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof NetworkError && error.code === 'fileOvertaken';
}
