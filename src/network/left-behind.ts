import { NetworkError } from '../model/errors.js';
import type { NetworkFilter } from '../model/filters.js';
import type { Attaching } from './attaching.js';
import type { CollectedAttachment } from './collecting.js';
import type { AttachmentReader, NetworkReader, StoredNetwork } from './ports.js';
import { isPrunable } from './prune.js';
import { checkRemovable } from './remove.js';

export interface LeftBehindParts {
  readonly reader: NetworkReader;
  readonly attachments: AttachmentReader;
  readonly attaching: Pick<Attaching, 'free'>;
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
      checkRemovable(network, await attachments.look(), defaultNetwork, false);
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
      (network) => view.dead(network.network.name).length > 0 && isPrunable(network, view, defaultNetwork, filter),
    );
    const warnings = new Map<string, readonly string[]>();
    for (const network of candidates) warnings.set(network.network.name, await this.#free(network));
    return warnings;
  }

  async #free(network: StoredNetwork): Promise<readonly string[]> {
    const { attachments, attaching } = this.parts;
    const { name } = network.network;
    const dead = (await attachments.look()).dead(name);
    if (dead.length === 0) return [];
    return (await attaching.free(dead, network)).flatMap((found) => describeLeft(name, found));
  }
}

function describeLeft(network: string, { attachment, error }: CollectedAttachment): readonly string[] {
  if (error === undefined) return [];
  const { containerId, containerName = containerId, ifName } = attachment;
  return [
    `interface ${ifName} of container ${containerName}, which is gone, could not be freed: ${error.message}; ` +
      `POST /podnetd/v1/networks/${network}/gc tries again`,
  ];
}
