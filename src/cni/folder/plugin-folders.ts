import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import { namePattern } from '../../model/names.js';
import type { ChainedPlugins } from '../conflist/chained-plugins.js';
import { PluginFolder } from './plugin-folder.js';

/**
 * The plugin folders beside the lists: `<name>/*.conf` is chained to the list of the network `<name>`. A refresh looks at each folder, and
 * costs nothing for networks without one.
 *
 * source: containernetworking/cni libcni/conf.go@v1.3.0 (NetworkPluginConfsFromFiles)
 */
export class PluginFolders {
  readonly #folders = new Map<string, PluginFolder>();
  /** Names that changed since the last refresh and are no configuration files. */
  readonly #named = new Set<string>();

  constructor(
    private readonly folder: string,
    private readonly files: Files,
    /** Called when one of the folders may have changed. */
    private readonly stir: () => void,
  ) {}

  /** Notes a name of the folder of lists that is new, changed or gone. */
  note(fileName: string): void {
    if (namePattern.test(fileName)) this.#named.add(fileName);
  }

  /** @returns names of networks whose plugins may have changed since the last call @throws NetworkError storage */
  refresh(): readonly string[] {
    const changed: string[] = [];
    for (const name of this.#named) if (this.#place(name)) changed.push(name);
    this.#named.clear();
    for (const [name, folder] of this.#folders) if (folder.refresh()) changed.push(name);
    return changed;
  }

  /** The plugins chained to a network; undefined without a folder. */
  of(networkName: string): ChainedPlugins | undefined {
    return this.#folders.get(networkName)?.read();
  }

  close(): void {
    for (const folder of this.#folders.values()) folder.close();
    this.#folders.clear();
  }

  /** @returns whether a known folder is gone */
  #place(name: string): boolean {
    const known = this.#folders.get(name);
    const target = path.join(this.folder, name);
    const isFolder = this.files.isFolder(target);
    if (isFolder && known === undefined) this.#folders.set(name, new PluginFolder(target, this.files, this.stir));
    if (isFolder || known === undefined) return false;
    known.close();
    this.#folders.delete(name);
    return true;
  }
}
