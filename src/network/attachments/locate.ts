import { NetworkError } from '../../model/errors/errors.js';
import { networkId } from '../../model/names.js';
import type { AttachmentRuntime } from '../dependencies/runtime.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';

export interface LocatedNetwork {
  readonly name: string;
  /** Undefined when only attachments are left of it. */
  readonly stored: StoredNetwork | undefined;
}

/**
 * The network that attachments are of. Others remove files without a look at attachments that they did not make; those can be taken off all
 * the same, since the cache has the configuration.
 *
 * @throws NetworkError notFound, ambiguous, storage
 */
export async function locateNetwork(
  nameOrId: string,
  { reader, runtime }: { readonly reader: NetworkReader; readonly runtime: Pick<AttachmentRuntime, 'known'> },
): Promise<LocatedNetwork> {
  try {
    const stored = await reader.find(nameOrId);
    return { name: stored.network.name, stored };
  } catch (error) {
    const attachments = error instanceof NetworkError && error.kind === 'notFound' ? runtime.known() : [];
    const left = attachments.find(({ networkName }) => networkName === nameOrId || networkId(networkName) === nameOrId);
    if (left === undefined) throw error;
    return { name: left.networkName, stored: undefined };
  }
}
