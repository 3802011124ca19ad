import { NetworkError } from '../../model/errors/errors.js';
import type { NetworkLooks } from '../../network/network-looks.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';

/** Inspects with the words that libpod has for failures of inspect alone. @throws NetworkError notFound, ambiguous, storage */
export async function inspectForLibpod(networks: NetworkLooks, nameOrId: string): Promise<StoredNetwork> {
  try {
    return await networks.inspect(nameOrId);
  } catch (cause) {
    if (cause instanceof NetworkError && cause.kind === 'notFound') {
      throw new NetworkError('networkUnknown', { nameOrId }, { cause });
    }
    if (cause instanceof NetworkError && cause.kind === 'ambiguous') {
      throw new NetworkError('inspectAmbiguous', { nameOrId }, { cause });
    }
    throw cause;
  }
}
