import path from 'node:path';
import { pollOnce } from '../host/event-loop.js';
import type { FileStamp } from '../host/file-stamp.js';
import type { Files, FolderWatch } from '../host/files.js';
import type { Held } from '../locks/write-lane.js';
import type { AttachmentView, FileProblem, HostFacts, NetworkReader, StoredNetwork } from '../network/ports.js';
import { decodeFile, DecodeError, type FileFault } from './decode.js';
import { FolderDraft } from './draft.js';
import { NetworkIndex, type IndexedFile, type NetworkChange } from './network-index.js';

/** What a batch of changes asks of the host while it is planned and committed. */
export interface BatchSurroundings {
  readonly host: HostFacts;
  look(): AttachmentView;
  removeBridge(bridge: string): Promise<string | undefined>;
}

interface KnownFile {
  readonly stamp: FileStamp;
  /** Why it is no network, by itself. */
  readonly fault: FileFault | undefined;
  /** The problem that was told last. */
  readonly told: string | undefined;
}

const extensions = new Set(['.conflist', '.conf', '.json']);
/** Above what a request of 1 MiB becomes when each byte is escaped as six; what is larger is no network. */
const limitBytes = 16 * 1024 * 1024;
/** A younger file may be half-written, or be changed again within one tick of the file system's clock. */
const settleNs = 1_000_000_000n;
/** The kernel drops events past `fs.inotify.max_queued_events` (16384 by default) and Node does not tell. */
const trustedEvents = 4096;

/**
 * The folder of configuration files and the index over it. It is brought up to date at each use: inotify tells which names changed, and
 * where there is no inotify every file's stamp is compared.
 */
export class NetworkStore implements NetworkReader {
  readonly #index = new NetworkIndex();
  readonly #known = new Map<string, KnownFile>();
  readonly #changed = new Set<string>();
  /** Files whose stamp or events may not tell the next change: they are read at every use. */
  readonly #unsettled = new Set<string>();
  /** Seen since the last use. */
  #events = 0;
  #watch: FolderWatch | undefined;
  #folderStamp: FileStamp | undefined;
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
    return [...this.#index.networks()];
  }

  /** Files that cannot be used, as of the last change seen. @throws NetworkError storage */
  async problems(): Promise<readonly FileProblem[]> {
    await this.refresh();
    return [...this.#known].flatMap(([fileName, { fault }]) => {
      const problem = fault ?? this.#clashOf(fileName);
      return problem === undefined ? [] : [this.#describe(fileName, problem)];
    });
  }

  /** A batch of changes. @throws NetworkError storage */
  async begin(held: Held, surroundings: BatchSurroundings): Promise<FolderDraft> {
    await this.refresh();
    const context = {
      ...surroundings,
      folder: this.folder,
      files: this.files,
      index: this.#index,
      onPublished: (file: IndexedFile, stamp: FileStamp) => {
        this.#learn(file, stamp);
        this.#conclude();
      },
      onRemoved: (key: string) => {
        this.#forget(key);
        this.#conclude();
      },
    };
    return new FolderDraft(context, held);
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** Brings the index up to date with everything that happened to the folder before the call. @throws NetworkError storage */
  async refresh(): Promise<void> {
    // Events of earlier changes are already queued in the kernel.
    if (this.#watch !== undefined) await pollOnce();
    const stamp = this.files.stamp(this.folder);
    if (this.#watch === undefined || !isSameInode(stamp, this.#folderStamp)) this.#rewatch(stamp);
    if (this.#events > trustedEvents) this.#scan();
    this.#events = 0;
    for (const fileName of [...this.#changed, ...this.#unsettled]) this.#look(fileName);
    this.#changed.clear();
    this.#conclude();
    this.#hasLooked = true;
  }

  /** Without a watch, and after each new one, every file has to be looked at. */
  #rewatch(stamp: FileStamp | undefined): void {
    this.#watch?.close();
    this.#watch = this.files.watch(
      this.folder,
      (fileName) => {
        this.#events += fileName === undefined ? trustedEvents + 1 : 1;
        if (fileName !== undefined) this.#changed.add(fileName);
        this.onStir?.();
      },
      () => this.close(),
    );
    this.#folderStamp = stamp;
    this.#scan();
  }

  #scan(): void {
    const present = new Set(this.files.list(this.folder));
    for (const fileName of this.#known.keys()) if (!present.has(fileName)) this.#forget(fileName);
    for (const fileName of present) this.#look(fileName);
  }

  #look(fileName: string): void {
    if (!extensions.has(path.extname(fileName))) return;
    const target = this.#pathOf(fileName);
    const known = this.#known.get(fileName);
    if (known !== undefined && !this.#unsettled.has(fileName)) {
      const stamp = this.files.stamp(target);
      if (stamp !== undefined && isSameStamp(stamp, known.stamp)) return;
    }
    const found = this.files.read(target, limitBytes);
    if (found === undefined) this.#forget(fileName);
    else if ('problem' in found) this.#reject(fileName, found.stamp, { reason: found.problem });
    else this.#read(fileName, found.text, found.stamp);
  }

  #read(fileName: string, text: string, stamp: FileStamp): void {
    try {
      const decoded = decodeFile(text, path.extname(fileName) === '.conflist', stamp.mtimeNs);
      this.#learn({ key: fileName, path: this.#pathOf(fileName), decoded }, stamp);
    } catch (error) {
      if (!(error instanceof DecodeError)) this.#reject(fileName, stamp, { reason: String(error) });
      else if (isYoung(stamp)) this.#unsettled.add(fileName);
      else this.#reject(fileName, stamp, error);
    }
  }

  #learn(file: IndexedFile, stamp: FileStamp): void {
    this.#index.put(file);
    this.#note(file.key, stamp, file.decoded.problem);
    // With a watch the next change makes an event; a file with another name elsewhere can change without one.
    if (stamp.indirect || (this.#watch === undefined && isYoung(stamp))) this.#unsettled.add(file.key);
    else this.#unsettled.delete(file.key);
  }

  #reject(fileName: string, stamp: FileStamp, problem: FileFault): void {
    this.#index.remove(fileName);
    this.#note(fileName, stamp, problem);
    if (stamp.indirect) this.#unsettled.add(fileName);
    else this.#unsettled.delete(fileName);
  }

  #note(fileName: string, stamp: FileStamp, fault: FileFault | undefined): void {
    const problem = fault ?? this.#clashOf(fileName);
    const before = this.#known.get(fileName)?.told;
    this.#known.set(fileName, { stamp, fault, told: problem?.reason });
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

  #forget(fileName: string): void {
    this.#index.remove(fileName);
    this.#known.delete(fileName);
    this.#unsettled.delete(fileName);
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

function isSameInode(a: FileStamp | undefined, b: FileStamp | undefined): boolean {
  return a?.inode === b?.inode && a?.device === b?.device;
}

function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return isSameInode(a, b) && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.size === b.size;
}

function isYoung(stamp: FileStamp): boolean {
  const ageNs = BigInt(Date.now()) * 1_000_000n - stamp.mtimeNs;
  // The two clocks tick differently; a time far ahead is a wrong one, and must not keep a file young for ever.
  return ageNs > -settleNs && ageNs < settleNs;
}
