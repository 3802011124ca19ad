import path from 'node:path';
import { isYoung } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { ReadOutcome } from '../../host/files/read-file.js';
import { isShortage } from '../../host/native-error.js';
import { bounds } from '../../model/bounds.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { JsonObject } from '../../model/json-object.js';
import { namePattern } from '../../model/names.js';
import { decodePlugin, type ChainedPlugins } from '../conflist/chained-plugins.js';
import { isChained } from './configuration-files.js';
import type { Verdict } from './folder-contents.js';
import { TrackedFolder } from './tracked-folder.js';

/** The plugins of one plugin folder, refreshed at each use. */
export class PluginFolder {
  /** By file name: the plugin, or why the file holds none. */
  readonly #found = new Map<string, JsonObject | string>();
  readonly #tracked: TrackedFolder;
  #hasChanged = false;
  #failure: string | undefined;

  constructor(
    private readonly folder: string,
    private readonly files: Files,
    stir: () => void,
  ) {
    this.#tracked = new TrackedFolder(folder, files, {
      concerns: isChained,
      take: (fileName, found) => this.#take(fileName, found),
      drop: (fileName) => {
        if (this.#found.delete(fileName)) this.#hasChanged = true;
      },
      stir,
    });
  }

  /** @returns whether the plugins or their fault changed since the last call @throws NetworkError storage for lack of descriptors or memory */
  refresh(): boolean {
    const failed = this.#failure;
    try {
      this.#tracked.refresh();
      this.#failure = undefined;
    } catch (error) {
      if (!(error instanceof NetworkError) || isShortage(error.cause)) throw error;
      this.#failure = error.message;
    }
    const hasChanged = this.#hasChanged || failed !== this.#failure;
    this.#hasChanged = false;
    return hasChanged;
  }

  /** The plugins in the order of their files, and the first fault of the folder. */
  read(): ChainedPlugins {
    const found = [...this.#found].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const faults = found.flatMap(([fileName, plugin]) => (typeof plugin === 'string' ? [[fileName, plugin]] : []));
    const [fault] = faults.map(([fileName = '', reason]) => `${path.join(this.folder, fileName)}: ${reason}`);
    const reason = this.#failure ?? fault;
    return {
      plugins: found.flatMap(([, plugin]) => (typeof plugin === 'string' ? [] : [plugin])),
      fault: reason === undefined ? undefined : { reason: `failed to read plugin config files: ${reason}` },
    };
  }

  close(): void {
    this.#tracked.close();
  }

  #take(fileName: string, found: ReadOutcome): Verdict {
    const plugin = 'problem' in found ? found.problem : decodePlugin(found.text);
    // While a file may be half-written its former plugin counts, so that a chain never runs without one of its plugins.
    const isUnfinished = typeof plugin === 'string' && 'text' in found && isYoung(found.stamp);
    if (isUnfinished && typeof this.#found.get(fileName) === 'object') return 'unfinished';
    if (typeof plugin === 'string' && this.files.isFolder(path.join(this.folder, fileName))) {
      this.#found.delete(fileName);
    } else {
      this.#found.set(fileName, plugin);
    }
    this.#hasChanged = true;
    return typeof plugin === 'string' ? 'refused' : 'taken';
  }
}

/**
 * The plugins that a folder chains to a network now, read once and not tracked.
 *
 * @throws NetworkError storage, when one file is unusable, because a chain must not lack a plugin
 */
export function readPluginFolder(files: Files, folderOfLists: string, networkName: string): readonly JsonObject[] {
  if (!namePattern.test(networkName)) return [];
  const folder = path.join(folderOfLists, networkName);
  if (!files.isFolder(folder)) return [];
  return files
    .list(folder)
    .filter(isChained)
    .toSorted()
    .flatMap((fileName) => {
      const file = path.join(folder, fileName);
      if (files.isFolder(file)) return [];
      const found = files.read(file, bounds.fileBytes);
      if (found === undefined) return [];
      const plugin = 'problem' in found ? found.problem : decodePlugin(found.text);
      if (typeof plugin !== 'string') return [plugin];
      throw new NetworkError('storageFailed', { path: file, operation: 'read', reason: plugin });
    });
}
