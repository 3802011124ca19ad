import type { Attachment, PortMapping } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { Container } from './container.js';

interface Holder {
  readonly container: Pick<Container, 'id' | 'name'>;
  readonly mappings: readonly PortMapping[];
}

const everyAddress: ReadonlySet<string | undefined> = new Set([undefined, '0.0.0.0', '::']);

/** Ports of the host that connects under way will have. Of two mappings of one port the plugins make both, and the second leads nowhere. */
export class PortClaims {
  readonly #claims = new Set<Holder>();

  /**
   * @param attached who has ports already
   * @returns gives them back: they are no longer wanted, or others see who has them
   * @throws NetworkError exists
   */
  claim(container: Container, mappings: readonly PortMapping[], attached: readonly Attachment[]): () => void {
    const holders = [...attached.map(asHolder), ...this.#claims].filter(
      (holder) => holder.container.id !== container.id,
    );
    const taken = new Map<string, Map<string | undefined, string>>();
    for (const {
      container: { name },
      mappings: theirs,
    } of holders) {
      for (const mapping of theirs) {
        const key = keyOf(mapping);
        const byAddress = taken.get(key);
        if (byAddress === undefined) taken.set(key, new Map([[addressOf(mapping), name]]));
        else byAddress.set(addressOf(mapping), name);
      }
    }
    for (const mapping of mappings) {
      const holder = findHolder(addressOf(mapping), taken.get(keyOf(mapping)));
      if (holder !== undefined) throw new NetworkError('hostPortUsed', { port: keyOf(mapping), container: holder });
    }
    const claim: Holder = { container, mappings };
    this.#claims.add(claim);
    return () => this.#claims.delete(claim);
  }
}

function asHolder({ containerId: id, containerName, portMappings: mappings }: Attachment): Holder {
  return { container: { id, name: containerName ?? id }, mappings };
}

function keyOf({ hostPort, protocol }: PortMapping): string {
  return `${hostPort}/${protocol}`;
}

/** Undefined for every address of the host. */
function addressOf({ hostIp }: PortMapping): string | undefined {
  return everyAddress.has(hostIp) ? undefined : hostIp;
}

/** @param taken names of containers by the addresses on which they have a port */
function findHolder(address: string | undefined, taken?: ReadonlyMap<string | undefined, string>): string | undefined {
  if (taken === undefined) return undefined;
  return address === undefined ? taken.values().next().value : (taken.get(undefined) ?? taken.get(address));
}
