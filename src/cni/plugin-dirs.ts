import path from 'node:path';
import type { Files } from '../host/files.js';
import type { PluginFinder } from '../network/ports.js';

/** Plugin binaries are looked up in the configured folders alone, in their order. */
export class PluginDirs implements PluginFinder {
  constructor(
    private readonly folders: readonly string[],
    private readonly files: Files,
  ) {}

  has(plugin: string): boolean {
    return this.folders.some((folder) => this.files.exists(path.join(folder, plugin)));
  }
}
