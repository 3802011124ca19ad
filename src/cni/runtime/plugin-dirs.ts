import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import { NetworkError } from '../../model/errors/errors.js';

/** Finds plugin binaries in the configured folders alone, in their order. */
export class PluginDirs {
  constructor(
    readonly folders: readonly string[],
    private readonly files: Files,
  ) {}

  has(plugin: string): boolean {
    return this.locate(plugin) !== undefined;
  }

  /** Absolute path of the binary; undefined when there is none. */
  locate(plugin: string): string | undefined {
    return isPluginName(plugin) ? this.#search(plugin) : undefined;
  }

  /** The folders that are there, in their order: a host has few of them, and a missing one has no plugin. */
  present(): readonly string[] {
    return this.folders.filter((folder) => this.files.exists(folder));
  }

  /** Absolute path of the binary. @throws NetworkError plugin */
  find(plugin: string): string {
    if (!isPluginName(plugin)) throw new NetworkError('pluginNameInvalid', { plugin });
    const found = this.#search(plugin);
    if (found === undefined) throw new NetworkError('pluginNotFound', { plugin, folders: this.folders });
    return found;
  }

  #search(plugin: string): string | undefined {
    for (const folder of this.folders) {
      const file = path.join(folder, plugin);
      if (this.files.exists(file)) return file;
    }
    return undefined;
  }
}

/** Whether a name of a conflist stays within the folders. */
function isPluginName(plugin: string): boolean {
  return plugin !== '' && plugin !== '.' && plugin !== '..' && !/[/\0]/.test(plugin);
}
