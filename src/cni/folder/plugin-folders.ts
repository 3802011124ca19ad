import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import { namePattern } from '../../model/names.js';
import type { ChainedPlugins } from '../conflist/chained-plugins.js';
import { PluginFolder } from './plugin-folder.js';

/**
 * The plugin folders beside the lists: `<name>/*.conf` is chained to the list of the network `<name>`. A use costs a look at each of them,
 * and nothing for the networks that have none.
 *
 * source: containernetworking/cni libcni/conf.go@v1.3.0 (NetworkPluginConfsFromFiles)
 */
export class PluginFolders {
  readonly #folders = new Map<string, PluginFolder>();
  /** Names that came up since the last use, and are no configuration files. */
  readonly #named = new Set<string>();

  constructor(
    private readonly folder: string,
    private readonly files: Files,
    /** Something may have happened in one of them. */
    private readonly stir: () => void,
  ) {}

  /** A name of the folder of lists that is new, changed or gone. */
  note(fileName: string): void {
    if (namePattern.test(fileName)) this.#named.add(fileName);
  }

  /** @returns networks whose plugins may be others than at the last use @throws NetworkError storage */
  refresh(): readonly string[] {
    const changed: string[] = [];
    for (const name of this.#named) if (this.#place(name)) changed.push(name);
    this.#named.clear();
    for (const [name, folder] of this.#folders) if (folder.refresh()) changed.push(name);
    return changed;
  }

  /** Undefined for a network without a folder. */
  of(networkName: string): ChainedPlugins | undefined {
    return this.#folders.get(networkName)?.read();
  }

  close(): void {
    for (const folder of this.#folders.values()) folder.close();
    this.#folders.clear();
  }

  /** @returns whether there was a folder that is none any more */
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
