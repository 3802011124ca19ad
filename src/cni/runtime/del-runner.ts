import type { HeldFile } from '../../host/file-locks/held-file.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { JsonObject } from '../../model/json-object.js';
import type { ContainerNamespaces, HeldNamespace } from '../../network/dependencies/namespaces.js';
import type { CacheEntry } from '../attachments/cache-entry.js';
import { isWhole, withChained } from '../conflist/chained-plugins.js';
import type { ChainCall, PluginChain } from './chain.js';
import { callOf } from './entry-call.js';
import { MissingInterface } from './missing-interface.js';
import type { PlaceholderNetnses } from './placeholder-netns.js';

export interface DelSettings {
  readonly namespaces: Pick<ContainerNamespaces, 'links'>;
  readonly placeholders: Pick<PlaceholderNetnses, 'make'>;
  /** Plugins that the plugin folder of a network chains to its list now; none unless given. @throws NetworkError storage */
  chainedTo?(networkName: string): readonly JsonObject[];
}

/** Runs the DEL of an attachment with the plugins of its folder, and with placeholders for an interface that is gone. */
export class DelRunner {
  readonly #missingInterface: MissingInterface;

  constructor(
    private readonly chain: PluginChain,
    private readonly settings: DelSettings,
  ) {
    this.#missingInterface = new MissingInterface(settings.namespaces, settings.placeholders);
  }

  /**
   * @param namespace of the attachment; undefined once it is gone
   * @param held intent of the DEL
   * @returns the failures
   */
  async run(entry: CacheEntry, namespace: HeldNamespace | undefined, held: HeldFile): Promise<readonly unknown[]> {
    const { result } = entry;
    const { call, failures } = this.#withFolder(callOf(entry, namespace, held), entry.networkName);
    const placeholders = await this.#missingInterface.replace(entry, call.conflist, namespace);
    try {
      const failed = await this.chain.delete(
        { ...call, placeholders: placeholders.map((placeholder) => placeholder.namespace) },
        Object.keys(result).length > 0 ? result : undefined,
      );
      return [...failures, ...failed];
    } finally {
      for (const placeholder of placeholders) await placeholder.end();
    }
  }

  /** The call with the folder's current plugins: runtimes that know of plugin folders keep the list alone in the cache. */
  #withFolder(
    call: ChainCall,
    networkName: string,
  ): { readonly call: ChainCall; readonly failures: readonly unknown[] } {
    if (isWhole(call.conflist)) return { call, failures: [] };
    try {
      const chained = this.settings.chainedTo?.(networkName) ?? [];
      return { call: { ...call, conflist: withChained(call.conflist, chained) }, failures: [] };
    } catch (error) {
      if (error instanceof NetworkError) return { call, failures: [error] };
      throw error;
    }
  }
}
