import path from 'node:path';
import type { Files } from '../../host/files/files.js';
import type { ReadOutcome } from '../../host/files/read-file.js';
import type { Held } from '../../locks/write-lane.js';
import type { FileProblem, NetworkReader, StoredNetwork } from '../../network/dependencies/stored-network.js';
import { isConfiguration, isList } from './configuration-files.js';
import { decodeFile } from '../conflist/decode.js';
import { FolderBatch } from './batch.js';
import { FolderDraft, type BatchHost, type DraftHost } from './draft.js';
import type { HostFacts, Want } from '../../network/dependencies/draft.js';
import { DecodeError, type FileFault } from '../conflist/file-fault.js';
import { FileFaults } from './file-faults.js';
import type { DraftedFolder } from './folder-commit.js';
import { ForeignChanges } from './foreign-changes.js';
import type { BridgeHost } from './clear-bridges.js';
import { clearLeftBridges } from './left-bridges.js';
import { clearLeftovers } from './leftovers.js';
import type { IndexedFile } from './indexed-file.js';
import { NetworkIndex } from './network-index.js';
import { PluginFolders } from './plugin-folders.js';
import type { Verdict } from './folder-contents.js';
import { SharedLook } from './shared-look.js';
import type { StoreListener } from './store-listener.js';
import { TrackedFolder } from './tracked-folder.js';
import { UnfinishedFiles } from './unfinished-files.js';

/** The folder of configuration files and the index over it, refreshed at each use. */
export class NetworkStore implements NetworkReader {
  readonly #index = new NetworkIndex();
  readonly #faults = new FileFaults();
  readonly #unfinished = new UnfinishedFiles();
  readonly #tracked: TrackedFolder;
  readonly #foreign: ForeignChanges;
  readonly #pluginFolders: PluginFolders;
  readonly #looking: SharedLook;
  #fallback: IndexedFile | undefined;
  /** False until the first refresh, whose networks are no changes. */
  #hasLooked = false;
  /** Called when the folder may have changed; never without inotify. */
  onStir: (() => void) | undefined;

  constructor(
    readonly folder: string,
    private readonly files: Files,
    /** Makes the file that is shown while no other defines a network of its name; called at the first look. */
    private readonly makeFallback: () => IndexedFile,
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
    this.#looking = new SharedLook(() => this.#look(), this.#tracked);
    this.#pluginFolders = new PluginFolders(folder, files, () => this.onStir?.());
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

  /** Files that cannot be used, in the order of their names. Steps: those files, however many others there are. @throws NetworkError storage */
  async problems(): Promise<readonly FileProblem[]> {
    await this.refresh();
    const contested = this.#index.contestedFiles().map(({ key }) => key);
    return [...new Set([...this.#faults.names, ...this.#unfinished.names, ...contested])]
      .toSorted()
      .flatMap((fileName) => {
        const problem = this.#unfinished.problemOf(fileName) ?? this.#faults.of(fileName) ?? this.#clashOf(fileName);
        return problem === undefined ? [] : [this.#describe(fileName, problem)];
      });
  }

  /**
   * Begins a batch of changes on the current state of the folder.
   *
   * @param wanted facts that decisions of the batch need @throws NetworkError storage
   */
  async begin(held: Held, wanted: ReadonlySet<Want | undefined>, host: BatchHost): Promise<FolderBatch> {
    const facts = await this.gather(wanted, host);
    // The process that left a temporary name is dead, because podnetd holds the lane.
    const leftovers = this.#foreign.names;
    if (leftovers.length > 0) await this.#clearLeftovers(leftovers, host);
    const folder: DraftedFolder = {
      path: this.folder,
      files: this.files,
      index: this.#index,
      audit: host.audit,
      beginChange: (fileNames) => this.#tracked.beginChange(fileNames),
      settle: (fileName, now) => {
        const name = now?.file.decoded.name ?? '';
        const former = this.#index.fileOf(name);
        if (now === undefined) {
          this.#tracked.forget(fileName);
        } else {
          this.#learn(now.file);
          this.#tracked.learn(fileName, now.stamp);
          if (this.#pluginFolders.of(name) !== undefined) this.#chain(name);
        }
        this.#conclude();
        const { network } = now?.file.decoded ?? {};
        if (former !== undefined && network !== undefined) this.listener.change({ action: 'update', network });
      },
      endChange: () => this.#tracked.endChange(),
    };
    return new FolderBatch(folder, host, facts, held);
  }

  /** Learns the facts that decisions need, and then takes in the changes of other programs. @throws NetworkError storage */
  async gather(wanted: ReadonlySet<Want | undefined>, host: BatchHost): Promise<HostFacts | undefined> {
    if (wanted.has('revision') && !this.#index.content.isKnown) {
      // The first draft that is asked for its revision begins with most of it known.
      await this.refresh();
      await this.#index.content.prepare();
    }
    const facts = wanted.has('host') || wanted.has('revision') ? await host.readFacts() : undefined;
    await this.refresh();
    return facts;
  }

  /** A draft on the state of the last refresh that nothing makes. @param facts that its decision needs */
  draft(host: DraftHost, facts: HostFacts | undefined): FolderDraft {
    return new FolderDraft(this.#index, host, facts);
  }

  close(): void {
    this.#tracked.close();
    this.#pluginFolders.close();
  }

  /**
   * Brings the index up to date with everything that happened to the folder before the call. Calls that one poll serves share one look.
   *
   * @throws NetworkError storage
   */
  async refresh(): Promise<void> {
    await this.#looking.run();
  }

  #look(): void {
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

  /** Decodes the files of a network again, with the current plugins of its folder. */
  #chain(networkName: string): void {
    const chainedOf = () => this.#pluginFolders.of(networkName);
    for (const { key, path: file, decoded } of this.#index.filesOf(networkName)) {
      const stamp = this.#tracked.stampOf(key);
      if (stamp === undefined || !isList(key)) continue;
      this.#learn({ key, path: file, decoded: decodeFile(decoded.text, true, stamp.mtimeNs, chainedOf) });
    }
  }

  #take(fileName: string, found: ReadOutcome): Verdict {
    // The name may be a folder of plugins.
    if ('problem' in found) this.#pluginFolders.note(fileName);
    if ('problem' in found) return this.#reject(fileName, { reason: found.problem });
    const { text, stamp } = found;
    const decode = () => decodeFile(text, isList(fileName), stamp.mtimeNs, (name) => this.#pluginFolders.of(name));
    try {
      const decoded = this.#unfinished.decode(fileName, text, decode);
      return this.#learn({ key: fileName, path: path.join(this.folder, fileName), decoded });
    } catch (error) {
      if (!(error instanceof DecodeError)) return this.#reject(fileName, { reason: String(error) });
      return this.#unfinished.note(fileName, text, stamp, error) ? 'unfinished' : this.#reject(fileName, error);
    }
  }

  #learn(file: IndexedFile): Verdict {
    this.#index.put(file);
    this.#unfinished.forget(file.key);
    this.#note(file.key, file.decoded.problem);
    return 'taken';
  }

  #reject(fileName: string, problem: FileFault): Verdict {
    this.#index.remove(fileName);
    this.#unfinished.forget(fileName);
    this.#note(fileName, problem);
    return 'refused';
  }

  #note(fileName: string, fault: FileFault | undefined): void {
    const problem = fault ?? this.#clashOf(fileName);
    const isNew = this.#faults.note(fileName, fault, problem);
    if (problem !== undefined && isNew) this.listener.problem(this.#describe(fileName, problem));
  }

  #describe(fileName: string, { reason, line }: FileFault): FileProblem {
    return { path: path.join(this.folder, fileName), reason, line };
  }

  /** Computed at each call, because the other file may give up the name. */
  #clashOf(fileName: string): FileFault | undefined {
    const rival = this.#index.rivalOf(fileName);
    if (rival?.path === undefined) return undefined;
    return { reason: `the same network name as ${rival.path}` };
  }

  #drop(fileName: string): void {
    this.#index.remove(fileName);
    this.#faults.forget(fileName);
    this.#unfinished.forget(fileName);
  }

  /** Places the default network of the memory before it reports changes, because a file that takes over the name is no change. */
  #conclude(): void {
    this.#placeFallback();
    const changes = this.#index.takeChanges();
    if (this.#hasLooked) for (const change of changes) this.listener.change(change);
  }

  #placeFallback(): void {
    const fallback = (this.#fallback ??= this.makeFallback());
    const shown = this.#index.get(fallback.decoded.name ?? '');
    if (shown === undefined) this.#index.put(fallback);
    else if (shown.path !== undefined) this.#index.remove(fallback.key);
  }
}
