import path from 'node:path';
import { makeTemporaryName } from '../../host/files/temporary-file.js';
import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Claim, Session } from '../../locks/group-commit.js';
import type { Held } from '../../locks/write-lane.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { PlannedNetwork } from '../../model/network.js';
import type { AttachmentView } from '../../network/dependencies/attachments.js';
import type { Draft, HostFacts } from '../../network/dependencies/draft.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import { clearBridges, type BridgeHost } from './clear-bridges.js';
import { encodeConflist } from '../conflist/encode.js';
import { commitChanges, type DecidedChanges, type DraftChange, type DraftedFolder } from './folder-commit.js';
import type { IndexedFile } from './network-index.js';
import { PlannedNames } from './planned-names.js';

/** Questions to the host while a batch of changes is planned and committed. */
export interface DraftHost extends BridgeHost {
  /** Who is on the networks; asked only when something is removed. */
  look(): AttachmentView;
}

/** The same, with what is learnt for a batch of which a decision wants it. */
export interface BatchHost extends DraftHost {
  /** @throws NetworkError storage */
  readFacts(): Promise<HostFacts>;
}

interface Decided extends DecidedChanges {
  /** It asked for what the batch is about to change. */
  isEarly: boolean;
  /** Why nothing could be begun for it. */
  failure: NetworkError | undefined;
}

/** Changes on top of the index, seen by the planning of the same batch and by no reader until they are durable. */
export class FolderDraft implements Draft, Session {
  #changes: DraftChange[] = [];
  readonly #decided: Decided[] = [];
  #names: PlannedNames;
  #attachments: AttachmentView | undefined;

  constructor(
    private readonly folder: DraftedFolder,
    private readonly machine: DraftHost,
    /** Undefined where no decision wants them. */
    private readonly facts: HostFacts | undefined,
    private readonly held: Held,
  ) {
    this.#names = new PlannedNames(folder.index);
  }

  get host(): HostFacts {
    if (this.facts === undefined) throw new TypeError('a decision did not say that it wants to know the host');
    return this.facts;
  }

  get used(): PrefixSet {
    return this.#names.used;
  }

  get routed(): PrefixSet {
    return this.#names.routed;
  }

  hasName(name: string): boolean {
    return this.#names.hasName(name);
  }

  hasBridge(bridge: string): boolean {
    return this.#names.hasBridge(bridge);
  }

  freeDeviceNumber(isLive: (device: string) => boolean): number {
    return this.#names.freeDeviceNumber(isLive);
  }

  find(nameOrId: string): StoredNetwork {
    this.#refuseReplaced();
    return this.folder.index.find(nameOrId, this.#names.removed);
  }

  get(name: string): StoredNetwork | undefined {
    if (this.#names.isAdded(name)) throw new TooEarly();
    return this.#names.removed.has(name) ? undefined : this.folder.index.get(name);
  }

  *networks(): Generator<StoredNetwork> {
    this.#refuseReplaced();
    for (const stored of this.folder.index.networks()) {
      if (!this.#names.removed.has(stored.network.name)) yield stored;
    }
  }

  get attachments(): AttachmentView {
    return (this.#attachments ??= this.machine.look());
  }

  usersOf(network: StoredNetwork): readonly string[] {
    return this.attachments.usersOf(network);
  }

  add(planned: PlannedNetwork): () => StoredNetwork {
    return readNetwork(this.#plan(undefined, planned));
  }

  replace(network: StoredNetwork, planned: PlannedNetwork): () => StoredNetwork {
    return readNetwork(this.#plan(this.#fileOf(network), planned));
  }

  remove(network: StoredNetwork): () => readonly string[] {
    const change = this.#plan(this.#fileOf(network), undefined);
    return () => {
      if (change.outcome instanceof NetworkError) throw change.outcome;
      return [...change.warnings];
    };
  }

  attempt<T>(decide: () => () => T, claim: Claim): () => T {
    const from = this.#changes.length;
    const decided: Decided = { claim, changes: [], isEarly: false, failure: undefined };
    this.#decided.push(decided);
    try {
      const read = decide();
      decided.changes = this.#changes.slice(from);
      return () => {
        if (decided.failure !== undefined) throw decided.failure;
        return read();
      };
    } catch (error) {
      decided.isEarly = error instanceof TooEarly;
      if (this.#changes.length > from) this.#forget(from);
      throw error;
    }
  }

  async commit(): Promise<ReadonlySet<number>> {
    const changing = this.#decided.filter(({ changes }) => changes.length > 0);
    if (changing.length === 0) return new Set();
    const unmade = await this.#change(changing);
    const firstFailed = this.#decided.findIndex(
      (decided) =>
        unmade.has(decided) ||
        decided.failure !== undefined ||
        decided.changes.some(({ outcome }) => outcome instanceof NetworkError),
    );
    const again = new Set<number>();
    for (const [position, decided] of this.#decided.entries()) {
      // An answer without a change, behind a change that failed, may rest on that change.
      const mayDiffer = firstFailed !== -1 && position > firstFailed && decided.changes.length === 0;
      if (decided.isEarly || mayDiffer || unmade.has(decided)) again.add(position);
    }
    return again;
  }

  /** Still under the lane, so that no network is made on a bridge that is about to go. */
  async finish(): Promise<void> {
    await clearBridges(this.#changes, this.folder.index, this.machine);
    const { path: folder, files } = this.folder;
    for (const { trace, outcome } of this.#changes)
      if (trace !== undefined && outcome === 'removed') files.discard(path.join(folder, trace));
  }

  /** The file that a network is shown from. */
  #fileOf({ network }: StoredNetwork): IndexedFile {
    const file = this.folder.index.fileOf(network.name);
    if (file?.path === undefined) throw new TypeError(`${network.name} is in no file`);
    return file;
  }

  #plan(before: IndexedFile | undefined, after: PlannedNetwork | undefined): DraftChange {
    const fileName = before?.key ?? `${after?.name}.conflist`;
    const text = after && encodeConflist(after);
    const trace = after === undefined && this.#mayLeaveBridge(before) ? makeTemporaryName('', 'gone') : undefined;
    const change: DraftChange = { before, after, fileName, text, trace, outcome: undefined, warnings: [] };
    this.#changes.push(change);
    this.#names.apply(change);
    return change;
  }

  /** Most networks that go never had a container. */
  #mayLeaveBridge(file: IndexedFile | undefined): boolean {
    return file?.decoded.bridges.some((bridge) => this.machine.mayHaveBridge(bridge)) === true;
  }

  async #change(changing: readonly Decided[]): Promise<ReadonlySet<DecidedChanges>> {
    try {
      return await commitChanges(this.folder, changing, this.held);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      for (const decided of changing) decided.failure = error;
      return new Set();
    }
  }

  #forget(from: number): void {
    this.#changes = this.#changes.slice(0, from);
    this.#names = new PlannedNames(this.folder.index);
    for (const change of this.#changes) this.#names.apply(change);
  }

  /** The index has the network as it was. */
  #refuseReplaced(): void {
    if (this.#changes.some(({ before, after }) => before !== undefined && after !== undefined)) throw new TooEarly();
  }
}

/** A decision asks for a network that the same batch is about to make or to change: it is made again once that is durable. */
class TooEarly extends Error {}

function readNetwork(change: DraftChange): () => StoredNetwork {
  return () => {
    const { outcome } = change;
    if (outcome instanceof NetworkError) throw outcome;
    if (outcome === undefined || outcome === 'removed') throw new TypeError('a draft is read before its commit');
    return outcome;
  };
}
