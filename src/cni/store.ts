import path from 'node:path';
import { isYoung, type FileStamp } from '../host/file-stamp.js';
import type { Files, ReadOutcome } from '../host/files.js';
import type { Held } from '../locks/write-lane.js';
import type { AttachmentView, FileProblem, HostFacts, NetworkReader, StoredNetwork } from '../network/ports.js';
import { isConfiguration, isList } from './configuration-files.js';
import { decodeFile } from './decode.js';
import { FolderDraft } from './draft.js';
import { DecodeError, type FileFault } from './file-fault.js';
import { NetworkIndex, type IndexedFile, type NetworkChange } from './network-index.js';
import { PluginFolders } from './plugin-folders.js';
import { TrackedFolder, type Verdict } from './tracked-folder.js';

/** What a batch of changes asks of the host while it is planned and committed. */
export interface BatchSurroundings {
  readonly host: HostFacts | undefined;
  look(): AttachmentView;
  removeBridge(bridge: string): Promise<string | undefined>;
}

interface KnownFile {
  /** Why it is no network, by itself. */
  readonly fault: FileFault | undefined;
  /** The problem that was told last. */
  readonly told: string | undefined;
}

/** The folder of configuration files and the index over it, brought up to date at each use. */
export class NetworkStore implements NetworkReader {
  readonly #index = new NetworkIndex();
  readonly #known = new Map<string, KnownFile>();
  /** Why files that are being written cannot be used yet; what they said before still counts. */
  readonly #unfinished = new Map<string, FileFault>();
  readonly #tracked: TrackedFolder;
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
    private readonly onProblem: (problem: FileProblem) => void,
    /** Told of networks that come and go, whoever did it, within the call that notices. */
    private readonly onChange: (change: NetworkChange) => void,
  ) {
    this.#tracked = new TrackedFolder(folder, files, {
      concerns: isConfiguration,
      passOver: (fileName) => this.#pluginFolders.note(fileName),
      take: (fileName, found) => this.#take(fileName, found),
      drop: (fileName) => this.#drop(fileName),
      stir: () => this.onStir?.(),
    });
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

  /** A batch of changes on what the last {@link refresh} saw. */
  begin(held: Held, surroundings: BatchSurroundings): FolderDraft {
    const context = {
      ...surroundings,
      folder: this.folder,
      files: this.files,
      index: this.#index,
      stampOf: (key: string) => this.#tracked.stampOf(key),
      onPublished: (file: IndexedFile, stamp: FileStamp) => {
        this.#learn(file);
        this.#tracked.learn(file.key, stamp);
        const { name = '' } = file.decoded;
        if (this.#pluginFolders.of(name) !== undefined) this.#chain(name);
        this.#conclude();
      },
      onRemoved: (key: string) => {
        this.#tracked.forget(key);
        this.#conclude();
      },
    };
    return new FolderDraft(context, held);
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
    if (problem !== undefined && problem.reason !== before) this.onProblem(this.#describe(fileName, problem));
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
    if (this.#hasLooked) for (const change of changes) this.onChange(change);
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
