import { formatAddress } from '../../ip/cidr.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { JsonObject } from '../../model/json-object.js';
import type { ContainerNamespaces, HeldNamespace } from '../../network/dependencies/namespaces.js';
import { pluginsOf } from '../conflist/structure.js';
import { isMasquerading } from './chain.js';
import { toAttachment, type CacheEntry } from '../attachments/cache-entry.js';
import type { PlaceholderNetns, PlaceholderNetnses } from './placeholder-netns.js';

/** Sees to it that a DEL finds the addresses that its plugins look for, where the interface is gone that had them. */
export class MissingInterface {
  constructor(
    private readonly namespaces: Pick<ContainerNamespaces, 'links'>,
    private readonly placeholders: Pick<PlaceholderNetnses, 'make'>,
  ) {}

  /** @returns one for each address; none when the interface is there, or when none of the plugins looks for it */
  async replace(
    entry: CacheEntry,
    conflist: JsonObject,
    namespace: HeldNamespace | undefined,
  ): Promise<readonly PlaceholderNetns[]> {
    if (!pluginsOf(conflist).some(isMasquerading)) return [];
    const { ifName, addresses } = toAttachment(entry);
    if (addresses.length === 0 || (namespace !== undefined && (await this.#mayHave(namespace, ifName)))) return [];
    const made: PlaceholderNetns[] = [];
    try {
      for (const { address, prefixBits } of addresses) {
        const placeholder = await this.placeholders.make(ifName, `${formatAddress(address)}/${prefixBits}`);
        if (placeholder !== undefined) made.push(placeholder);
      }
      return made;
    } catch (error) {
      for (const placeholder of made) await placeholder.end();
      throw error;
    }
  }

  async #mayHave(namespace: HeldNamespace, ifName: string): Promise<boolean> {
    try {
      return (await this.namespaces.links(namespace)).has(ifName);
    } catch (error) {
      if (error instanceof NetworkError) return true;
      throw error;
    }
  }
}
