import { NetworkError } from '../../model/errors/errors.js';
import type { NetworkFilter } from '../../model/filters/filters.js';
import type { Attaching } from '../attachments/attaching.js';
import type { CollectedAttachment } from '../attachments/collecting.js';
import type { AttachmentReader, AttachmentView } from '../dependencies/attachments.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';
import { isPrunable } from './prune.js';
import { checkRemovable } from './check-removable.js';

export interface LeftBehindParts {
  readonly reader: NetworkReader;
  readonly attachments: AttachmentReader;
  readonly attaching: Pick<Attaching, 'free' | 'release'>;
  readonly defaultNetwork: string;
}

/**
 * Frees what dead containers left on networks that are about to go. Without its network it would break the next one: a name server that has
 * the bridge's address, leases, rules for addresses that somebody else gets. It runs plugins, so it comes before the write lane; who may be
 * removed is decided in the lane, again.
 */
export class LeftBehind {
  constructor(private readonly parts: LeftBehindParts) {}

  /** Of a network that may be removed as far as can be seen now. @returns what is left, as warnings @throws NetworkError storage */
  async freeBeforeRemoval(nameOrId: string): Promise<readonly string[]> {
    const { reader, attachments, defaultNetwork } = this.parts;
    let network: StoredNetwork;
    try {
      network = await reader.find(nameOrId);
      const view = await attachments.look();
      checkRemovable(network, view, defaultNetwork, false);
      if (!hasDead(network, view)) return [];
    } catch (error) {
      // The lane says so too.
      if (error instanceof NetworkError) return [];
      throw error;
    }
    return await this.#free(network);
  }

  /** Of networks that a prune would take. @returns what is left, as warnings, by the name of the network @throws NetworkError storage */
  async freeBeforePrune(filter: NetworkFilter): Promise<ReadonlyMap<string, readonly string[]>> {
    const { reader, attachments, defaultNetwork } = this.parts;
    const networks = await reader.list();
    const view = await attachments.look();
    const candidates = networks.filter(
      (network) => hasDead(network, view) && isPrunable(network, view, defaultNetwork, filter),
    );
    const warnings = new Map<string, readonly string[]>();
    for (const network of candidates) warnings.set(network.network.name, await this.#free(network));
    return warnings;
  }

  /** Of one network, what leases alone tell of. @throws NetworkError ambiguous, storage */
  async collectUnrecorded(nameOrId: string): Promise<readonly CollectedAttachment[]> {
    const { reader, attachments, attaching } = this.parts;
    try {
      const network = await reader.find(nameOrId);
      return await attaching.release((await attachments.look()).unrecorded(network), network);
    } catch (error) {
      // Without a file nothing says where its leases are.
      if (error instanceof NetworkError && error.kind === 'notFound') return [];
      throw error;
    }
  }

  async #free(network: StoredNetwork): Promise<readonly string[]> {
    const { attachments, attaching } = this.parts;
    const { name } = network.network;
    const freed = await attaching.free((await attachments.look()).dead(name), network);
    // Whoever had a lease and an attachment has neither now.
    const released = await attaching.release((await attachments.look()).unrecorded(network), network);
    return [...freed, ...released].flatMap((found) => describeLeft(name, found));
  }
}

/** Whether dead containers left something on a network. */
export function hasDead(network: StoredNetwork, view: AttachmentView): boolean {
  return view.dead(network.network.name).length > 0 || view.unrecorded(network).length > 0;
}

function describeLeft(network: string, { attachment, error }: CollectedAttachment): readonly string[] {
  if (error === undefined) return [];
  const { containerId, containerName = containerId, ifName } = attachment;
  return [
    `interface ${ifName} of container ${containerName}, which is gone, could not be freed: ${error.message}; ` +
      `POST /podnetd/v1/networks/${network}/gc tries again`,
  ];
}
