import path from 'node:path';
import { makeTemporaryName } from '../../host/files/temporary-file.js';
import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Claim, Session } from '../../locks/group-commit.js';
import type { Held } from '../../locks/write-lane.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { PlannedNetwork } from '../../model/network.js';
import type { AttachmentView } from '../../network/dependencies/attachments.js';
import type { Draft, HostFacts, UsedPrefix } from '../../network/dependencies/draft.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import { clearBridges, type BridgeHost } from './clear-bridges.js';
import { encodeConflist } from '../conflist/encode.js';
import { commitChanges, type DecidedChanges, type DraftChange, type DraftedFolder } from './folder-commit.js';
import type { IndexedFile } from './indexed-file.js';
import { PlannedNames } from './planned-names.js';

/** The host, as the planning and the commit of a batch need it. */
export interface DraftHost extends BridgeHost {
  /** Current attachments; read only when a decision removes a network. */
  look(): AttachmentView;
}

/** The same, with what is learnt for a batch of which a decision wants it. */
export interface BatchHost extends DraftHost {
  /** @throws NetworkError storage */
  readFacts(): Promise<HostFacts>;
}

interface Decided extends DecidedChanges {
  /** The decision read a network that the batch is about to change. */
  isEarly: boolean;
  /** Why the commit failed before its first change. */
  failure: NetworkError | undefined;
}

/** Changes planned on top of the index: later decisions of the batch see them, readers only when they are durable. */
export class FolderDraft implements Draft, Session {
  #changes: DraftChange[] = [];
  readonly #decided: Decided[] = [];
  #names: PlannedNames;
  #attachments: AttachmentView | undefined;

  constructor(
    private readonly folder: DraftedFolder,
    private readonly hostAccess: DraftHost,
    /** Undefined when no decision of the batch asked for them. */
    private readonly facts: HostFacts | undefined,
    private readonly held: Held,
  ) {
    this.#names = new PlannedNames(folder.index);
  }

  get host(): HostFacts {
    if (this.facts === undefined) throw new TypeError("a decision read the host's facts without 'host' as its want");
    return this.facts;
  }

  get used(): PrefixSet {
    return this.#names.used;
  }

  get routed(): PrefixSet {
    return this.#names.routed;
  }

  holders(): Iterable<UsedPrefix> {
    return this.#names.holders();
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
    return (this.#attachments ??= this.hostAccess.look());
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
      // A decision without a change may have read the change that failed before it.
      const mayDiffer = firstFailed !== -1 && position > firstFailed && decided.changes.length === 0;
      if (decided.isEarly || mayDiffer || unmade.has(decided)) again.add(position);
    }
    return again;
  }

  /** Removes the bridges under the lane, so that no network is created on a bridge that is about to go. */
  async finish(): Promise<void> {
    await clearBridges(this.#changes, this.folder.index, this.hostAccess);
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

  /** Whether the removal of a file may leave a bridge; most networks never had a container, and so no bridge. */
  #mayLeaveBridge(file: IndexedFile | undefined): boolean {
    return file?.decoded.bridges.some((bridge) => this.hostAccess.mayHaveBridge(bridge)) === true;
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

  /** Refuses to look networks up once the batch replaces one, because the index still has the old one. */
  #refuseReplaced(): void {
    if (this.#changes.some(({ before, after }) => before !== undefined && after !== undefined)) throw new TooEarly();
  }
}

/** Thrown when a decision reads a network that its batch is about to make or change; the decision runs again after the commit. */
class TooEarly extends Error {}

function readNetwork(change: DraftChange): () => StoredNetwork {
  return () => {
    const { outcome } = change;
    if (outcome instanceof NetworkError) throw outcome;
    if (outcome === undefined || outcome === 'removed') throw new TypeError('a draft is read before its commit');
    return outcome;
  };
}
