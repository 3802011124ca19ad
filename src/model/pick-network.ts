import { NetworkError } from './errors/errors.js';

/**
 * The rule by which clients name a network: its exact name, else the unique beginning of its id.
 *
 * @param named the network of that name
 * @param listById networks whose ids begin with it; asked only where no name fits, and at most two are read
 * @throws NetworkError notFound, ambiguous
 */
export function pickNetwork<T>(nameOrId: string, named: T | undefined, listById: () => Iterable<T>): T {
  if (named !== undefined) return named;
  let found: T | undefined;
  // Every id begins with the empty text.
  for (const candidate of nameOrId === '' ? [] : listById()) {
    if (found !== undefined) throw new NetworkError('networkAmbiguous', { nameOrId });
    found = candidate;
  }
  if (found === undefined) throw new NetworkError('networkNotFound', { nameOrId });
  return found;
}
