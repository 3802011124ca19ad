import type { Attachment, PortMapping } from '../model/attachment.js';
import { NetworkError } from '../model/errors.js';
import type { Container } from './container.js';

interface Holder {
  readonly container: Pick<Container, 'id' | 'name'>;
  readonly mappings: readonly PortMapping[];
}

interface Taken {
  /** Of the container. */
  readonly name: string;
  readonly mapping: PortMapping;
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
    const taken = new Map<string, Taken[]>();
    for (const {
      container: { name },
      mappings: theirs,
    } of holders) {
      for (const mapping of theirs) {
        const key = keyOf(mapping);
        taken.set(key, [...(taken.get(key) ?? []), { name, mapping }]);
      }
    }
    for (const mapping of mappings) {
      const found = taken.get(keyOf(mapping))?.find((other) => overlaps(other.mapping, mapping));
      if (found !== undefined) throw new NetworkError('hostPortUsed', { port: keyOf(mapping), container: found.name });
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

function overlaps({ hostIp: one }: PortMapping, { hostIp: other }: PortMapping): boolean {
  return everyAddress.has(one) || everyAddress.has(other) || one === other;
}
