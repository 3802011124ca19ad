import type { Attachment, PortMapping } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import { withheld, type Withheld } from '../../model/withheld.js';
import type { Sight } from '../dependencies/draft.js';
import type { Container } from './container.js';

interface Holder {
  readonly container: Pick<Container, 'id' | 'name'>;
  /** Name of its network. */
  readonly network: string;
  readonly mappings: readonly PortMapping[];
}

const everyAddress: ReadonlySet<string | undefined> = new Set([undefined, '0.0.0.0', '::']);

/** Host ports of connects under way. Plugins would map one port twice, and the second mapping would lead nowhere. */
export class PortClaims {
  readonly #claims = new Set<Holder>();

  /**
   * @param network name of the network that the container is to have the ports on
   * @param attached attachments that have ports already
   * @param seesNetwork whether the client may know of the containers on a network
   * @param counts whether an attachment still has its ports; asked only of those that have one of these
   * @returns releases the ports, once the connect has failed or its attachment is recorded
   * @throws NetworkError exists
   */
  claim(
    container: Container,
    network: string,
    mappings: readonly PortMapping[],
    attached: readonly Attachment[],
    seesNetwork: Sight['seesNetwork'],
    counts: (attachment: Attachment) => boolean,
  ): () => void {
    const wanted = new Set(mappings.map(keyOf));
    const inTheWay = attached.filter(
      (attachment) => attachment.portMappings.some((mapping) => wanted.has(keyOf(mapping))) && counts(attachment),
    );
    const holders = [...inTheWay.map(asHolder), ...this.#claims].filter(
      (holder) => holder.container.id !== container.id,
    );
    const taken = new Map<string, Map<string | undefined, string | Withheld>>();
    for (const {
      container: { name: known },
      network: place,
      mappings: theirs,
    } of holders) {
      const name = seesNetwork(place) ? known : withheld;
      for (const mapping of theirs) {
        const key = keyOf(mapping);
        const byAddress = taken.get(key);
        if (byAddress === undefined) taken.set(key, new Map([[addressOf(mapping), name]]));
        else byAddress.set(addressOf(mapping), name);
      }
    }
    for (const mapping of mappings) {
      const holder = findHolder(addressOf(mapping), taken.get(keyOf(mapping)));
      if (holder === undefined) continue;
      const port = keyOf(mapping);
      if (holder === withheld) throw new NetworkError('hostPortUnavailable', { port });
      throw new NetworkError('hostPortUsed', { port, container: holder });
    }
    const claim: Holder = { container, network, mappings };
    this.#claims.add(claim);
    return () => void this.#claims.delete(claim);
  }
}

function asHolder({ containerId: id, containerName, networkName, portMappings: mappings }: Attachment): Holder {
  return { container: { id, name: containerName ?? id }, network: networkName, mappings };
}

function keyOf({ hostPort, protocol }: PortMapping): string {
  return `${hostPort}/${protocol}`;
}

/** The address of a mapping; undefined for every address of the host. */
function addressOf({ hostIp }: PortMapping): string | undefined {
  return everyAddress.has(hostIp) ? undefined : hostIp;
}

/** @param taken names of containers, as far as the client may know them, by the addresses on which they have a port @returns the container in the way */
function findHolder(
  address: string | undefined,
  taken?: ReadonlyMap<string | undefined, string | Withheld>,
): string | Withheld | undefined {
  if (taken === undefined) return undefined;
  return address === undefined ? taken.values().next().value : (taken.get(undefined) ?? taken.get(address));
}
