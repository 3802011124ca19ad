import path from 'node:path';
import { isYoung } from '../../host/files/file-stamp.js';
import type { Files } from '../../host/files/files.js';
import type { ReadOutcome } from '../../host/files/read-file.js';
import type { Held } from '../../locks/write-lane.js';
import type { FileProblem, NetworkReader, StoredNetwork } from '../../network/dependencies/stored-network.js';
import { isConfiguration, isList } from './configuration-files.js';
import { decodeFile } from '../conflist/decode.js';
import { FolderDraft, type BatchHost } from './draft.js';
import type { Want } from '../../network/dependencies/draft.js';
import { DecodeError, type FileFault } from '../conflist/file-fault.js';
import type { DraftedFolder } from './folder-commit.js';
import { ForeignChanges } from './foreign-changes.js';
import type { BridgeHost } from './clear-bridges.js';
import { clearLeftBridges, type LeftBridge } from './left-bridges.js';
import { clearLeftovers } from './leftovers.js';
import { NetworkIndex, type IndexedFile, type NetworkChange } from './network-index.js';
import { PluginFolders } from './plugin-folders.js';
import { TrackedFolder, type Verdict } from './tracked-folder.js';

interface KnownFile {
  /** Why it is no network, by itself. */
  readonly fault: FileFault | undefined;
  /** The problem that was told last. */
  readonly told: string | undefined;
}

/** Receives what a store finds, within the call that finds it. */
export interface StoreListener {
  problem(problem: FileProblem): void;
  /** Networks that come and go, whichever program does it. */
  change(change: NetworkChange): void;
  /** Files that a dead process left unfinished, and that are gone now; and bridges of networks that it removed. */
  cleared(fileNames: readonly string[], bridges: readonly LeftBridge[]): void;
}

/** The folder of configuration files and the index over it, brought up to date at each use. */
export class NetworkStore implements NetworkReader {
  readonly #index = new NetworkIndex();
  readonly #known = new Map<string, KnownFile>();
  /** Why files that are being written cannot be used yet; what they said before still counts. */
  readonly #unfinished = new Map<string, FileFault>();
  readonly #tracked: TrackedFolder;
  readonly #foreign: ForeignChanges;
  readonly #pluginFolders: PluginFolders;
  /** What is there when the store is first used did not happen just now. */
  #hasLooked = false;
  /** Called when the folder may have changed, where inotify tells. */
  onStir: (() => void) | undefined;

  constructor(
    readonly folder: string,
    private readonly files: Files,
    /** Shown while no file defines a network of its name. */
    private readonly fallback: IndexedFile,
    private readonly listener: StoreListener,
    /** Whether another process is changing the folder now. */
    isHeldElsewhere: () => boolean,
  ) {
    this.#foreign = new ForeignChanges(folder, files, isHeldElsewhere);
    const contents = {
      concerns: isConfiguration,
      passOver: (fileName: string) => this.#pluginFolders.note(fileName),
      take: (fileName: string, found: ReadOutcome) => this.#take(fileName, found),
      drop: (fileName: string) => this.#drop(fileName),
      stir: () => this.onStir?.(),
    };
    this.#tracked = new TrackedFolder(folder, files, contents, this.#foreign);
    this.#pluginFolders = new PluginFolders(folder, files, () => this.onStir?.());
    this.#index.put(fallback);
  }

  /** @throws NetworkError notFound, ambiguous, storage */
  async find(nameOrId: string): Promise<StoredNetwork> {
    await this.refresh();
    return this.#index.find(nameOrId);
  }

  /** Every network, in the order of their files. @throws NetworkError storage */
  async list(): Promise<readonly StoredNetwork[]> {
    await this.refresh();
    return this.#index.networks();
  }

  /** Files that cannot be used, as of the last change seen. @throws NetworkError storage */
  async problems(): Promise<readonly FileProblem[]> {
    await this.refresh();
    return [...new Set([...this.#known.keys(), ...this.#unfinished.keys()])].flatMap((fileName) => {
      const problem = this.#unfinished.get(fileName) ?? this.#known.get(fileName)?.fault ?? this.#clashOf(fileName);
      return problem === undefined ? [] : [this.#describe(fileName, problem)];
    });
  }

  /**
   * A batch of changes on what the folder is now.
   *
   * @param wanted what decisions of the batch want to know @throws NetworkError storage
   */
  async begin(held: Held, wanted: ReadonlySet<Want | undefined>, host: BatchHost): Promise<FolderDraft> {
    const facts = wanted.has('host') ? await host.readFacts() : undefined;
    await this.refresh();
    // The process that left a temporary name is dead: the lane is ours.
    const leftovers = this.#foreign.names;
    if (leftovers.length > 0) await this.#clearLeftovers(leftovers, host);
    const folder: DraftedFolder = {
      path: this.folder,
      files: this.files,
      index: this.#index,
      beginChange: (fileNames) => this.#tracked.beginChange(fileNames),
      settle: (fileName, now) => {
        if (now === undefined) {
          this.#tracked.forget(fileName);
        } else {
          this.#learn(now.file);
          this.#tracked.learn(fileName, now.stamp);
          const { name = '' } = now.file.decoded;
          if (this.#pluginFolders.of(name) !== undefined) this.#chain(name);
        }
        this.#conclude();
      },
      endChange: () => this.#tracked.endChange(),
    };
    return new FolderDraft(folder, host, facts, held);
  }

  close(): void {
    this.#tracked.close();
    this.#pluginFolders.close();
  }

  /** Brings the index up to date with everything that happened to the folder before the call. @throws NetworkError storage */
  async refresh(): Promise<void> {
    await this.#tracked.poll();
    this.#tracked.refresh();
    for (const networkName of this.#pluginFolders.refresh()) this.#chain(networkName);
    this.#conclude();
    this.#hasLooked = true;
  }

  async #clearLeftovers(names: readonly string[], host: BridgeHost): Promise<void> {
    const bridges = await clearLeftBridges(this.folder, names, this.files, this.#index, host);
    const cleared = clearLeftovers(this.folder, names, this.files);
    this.#foreign.reset(names);
    this.#foreign.leaveAll();
    if (cleared.length > 0) this.listener.cleared(cleared, bridges);
  }

  /** Reads the files of a network again, with what its plugin folder says now. */
  #chain(networkName: string): void {
    const chainedOf = () => this.#pluginFolders.of(networkName);
    for (const { key, path: file, decoded } of this.#index.filesOf(networkName)) {
      const stamp = this.#tracked.stampOf(key);
      if (stamp === undefined || !isList(key)) continue;
      this.#learn({ key, path: file, decoded: decodeFile(decoded.text, true, stamp.mtimeNs, chainedOf) });
    }
  }

  #take(fileName: string, found: ReadOutcome): Verdict {
    this.#unfinished.delete(fileName);
    // A folder, perhaps.
    if ('problem' in found) this.#pluginFolders.note(fileName);
    if ('problem' in found) return this.#reject(fileName, { reason: found.problem });
    try {
      const { text, stamp } = found;
      const decoded = decodeFile(text, isList(fileName), stamp.mtimeNs, (name) => this.#pluginFolders.of(name));
      return this.#learn({ key: fileName, path: this.#pathOf(fileName), decoded });
    } catch (error) {
      if (!(error instanceof DecodeError)) return this.#reject(fileName, { reason: String(error) });
      if (!isYoung(found.stamp)) return this.#reject(fileName, error);
      const reason = `${error.reason} (changed less than a second ago: it may be half-written)`;
      this.#unfinished.set(fileName, { reason, line: error.line });
      return 'unfinished';
    }
  }

  #learn(file: IndexedFile): Verdict {
    this.#index.put(file);
    this.#unfinished.delete(file.key);
    this.#note(file.key, file.decoded.problem);
    return 'taken';
  }

  #reject(fileName: string, problem: FileFault): Verdict {
    this.#index.remove(fileName);
    this.#note(fileName, problem);
    return 'refused';
  }

  #note(fileName: string, fault: FileFault | undefined): void {
    const problem = fault ?? this.#clashOf(fileName);
    const before = this.#known.get(fileName)?.told;
    this.#known.set(fileName, { fault, told: problem?.reason });
    if (problem !== undefined && problem.reason !== before) this.listener.problem(this.#describe(fileName, problem));
  }

  #describe(fileName: string, { reason, line }: FileFault): FileProblem {
    return { path: this.#pathOf(fileName), reason, line };
  }

  /** Another file may give up the name, so this is asked each time. */
  #clashOf(fileName: string): FileFault | undefined {
    const rival = this.#index.rivalOf(fileName);
    if (rival?.path === undefined) return undefined;
    return { reason: `the same network name as ${rival.path}` };
  }

  #drop(fileName: string): void {
    this.#index.remove(fileName);
    this.#known.delete(fileName);
    this.#unfinished.delete(fileName);
  }

  /** The default network that lives in memory is in place before changes are told: a file that takes its name over is none. */
  #conclude(): void {
    this.#placeFallback();
    const changes = this.#index.takeChanges();
    if (this.#hasLooked) for (const change of changes) this.listener.change(change);
  }

  #placeFallback(): void {
    const name = this.fallback.decoded.name ?? '';
    const shown = this.#index.get(name);
    if (shown === undefined) this.#index.put(this.fallback);
    else if (shown.path !== undefined) this.#index.remove(this.fallback.key);
  }

  #pathOf(fileName: string): string {
    return path.join(this.folder, fileName);
  }
}
