import { NetworkError } from '../../model/errors/errors.js';
import type { NetworkFilter } from '../../model/filters/filters.js';
import type { CollectedAttachment } from '../attachments/attachment-service.js';
import type { Freeing } from '../attachments/freeing.js';
import type { AttachmentReader, AttachmentView } from '../dependencies/attachments.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';
import { isPrunable } from './prune.js';
import { checkRemovable } from './check-removable.js';

export interface LeftBehindParts {
  readonly reader: NetworkReader;
  readonly attachments: AttachmentReader;
  readonly freeing: Pick<Freeing, 'free' | 'release'>;
  readonly defaultNetwork: string;
}

/**
 * Frees what dead containers left on networks that are about to go: name servers with the bridge's address, leases, and rules, which would break
 * the next network. This runs plugins, so it comes before the write lane, in which podnetd decides the removal again.
 */
export class LeftBehind {
  constructor(private readonly parts: LeftBehindParts) {}

  /** Frees a network that looks removable now. @returns one warning an attachment that is left @throws NetworkError storage */
  async freeBeforeRemoval(nameOrId: string): Promise<readonly string[]> {
    const { reader, attachments, defaultNetwork } = this.parts;
    let network: StoredNetwork;
    try {
      network = await reader.find(nameOrId);
      const view = await attachments.look();
      checkRemovable(network, view, defaultNetwork, false);
      if (!hasDead(network, view)) return [];
    } catch (error) {
      // The decision in the lane throws it again.
      if (error instanceof NetworkError) return [];
      throw error;
    }
    return await this.#free(network);
  }

  /** Frees the networks that a prune would remove. @returns one warning an attachment that is left, by network name @throws NetworkError storage */
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

  async #free(network: StoredNetwork): Promise<readonly string[]> {
    const { attachments, freeing } = this.parts;
    const { name } = network.network;
    const freed = await freeing.free((await attachments.look()).dead(name), network);
    // The DELs freed the leases of these attachments too.
    const released = await freeing.release((await attachments.look()).unrecorded(network), network);
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
