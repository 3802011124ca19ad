import path from 'node:path';
import { isYoung } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { ReadOutcome } from '../../host/files/read-file.js';
import { isShortage } from '../../host/native-error.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { JsonObject } from '../../model/json-object.js';
import { namePattern } from '../../model/names.js';
import { decodePlugin, type ChainedPlugins } from '../conflist/chained-plugins.js';
import { isChained, maxFileBytes } from './configuration-files.js';
import { TrackedFolder, type Verdict } from './tracked-folder.js';

/** The plugins of one folder, brought up to date at each use. */
export class PluginFolder {
  /** By file: the plugin, or why there is none. */
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

  /** @returns whether the folder says something else than before @throws NetworkError storage for want of descriptors or memory */
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
    // Until it is known what is being written, what was there before is run, and never nothing.
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
 * The plugins that a folder chains to a network now; for those who ask once.
 *
 * @throws NetworkError storage, when the folder cannot be used as a whole
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
      const found = files.read(file, maxFileBytes);
      if (found === undefined) return [];
      const plugin = 'problem' in found ? found.problem : decodePlugin(found.text);
      if (typeof plugin !== 'string') return [plugin];
      throw new NetworkError('storageFailed', { path: file, operation: 'read', reason: plugin });
    });
}
