import { NetworkError } from '../../model/errors/errors.js';
import { networkId } from '../../model/names.js';
import type { AttachmentRuntime } from '../dependencies/runtime.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';

export interface LocatedNetwork {
  readonly name: string;
  /** Undefined when the file is gone and only attachments are left. */
  readonly stored: StoredNetwork | undefined;
}

/**
 * Finds a network by its file, or else by its attachments: another program may have removed the file despite them, and the cache still has the
 * configuration for their DEL.
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
    if (!(error instanceof NetworkError && error.kind === 'notFound')) throw error;
    const known = (await runtime.known()).all();
    const left = known.find(({ networkName }) => networkName === nameOrId || networkId(networkName) === nameOrId);
    if (left === undefined) throw error;
    return { name: left.networkName, stored: undefined };
  }
}
