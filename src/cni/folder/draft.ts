import { makeTemporaryName } from '../../host/files/temporary-file.js';
import type { PrefixSet } from '../../ip/prefix-set.js';
import type { Cidr } from '../../model/address.js';
import type { AuditLog } from '../../model/audited-request.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { ChangedFacts, Network, PlannedNetwork } from '../../model/network.js';
import type { AttachmentView } from '../../network/dependencies/attachments.js';
import type { Draft, HostFacts, PrefixUser, ReplacedNetwork, Sight } from '../../network/dependencies/draft.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { BridgeHost } from './clear-bridges.js';
import { encodeConflist } from '../conflist/encode.js';
import { UnclearPlace } from '../conflist/merge-change.js';
import { rewriteConflist, type Rewritten } from '../conflist/rewrite.js';
import type { DraftChange } from './folder-commit.js';
import type { IndexedFile } from './indexed-file.js';
import type { NetworkIndex } from './network-index.js';
import { hashRevision } from './content-hash.js';
import { PlannedNames } from './planned-names.js';

/** The host, as the planning and the commit of a batch need it. */
export interface DraftHost extends BridgeHost {
  /** Current attachments; read only when a decision removes a network. */
  look(): AttachmentView;
  /** Receives, for each batch with changes, the seconds until they were durable or had failed, and their number. */
  onPublished?(seconds: number, changes: number): void;
}

/** The same, with what is learnt for a batch of which a decision wants it. */
export interface BatchHost extends DraftHost {
  /** @throws NetworkError storage */
  readFacts(): Promise<HostFacts>;
  /** Records what requests are about to do; undefined where requests are not audited. */
  readonly audit?: Pick<AuditLog, 'announce'> | undefined;
}

const seesAll: Sight = { seesNetwork: () => true, seesBridge: () => true, seesHost: true };

/** A hash stands for the state that a draft was begun on; this sets a draft with changes apart from it. */
const changedMark = '+';

/** Changes planned on top of the index: later decisions see them, readers do not. A draft by itself changes nothing. */
export class FolderDraft implements Draft {
  readonly sight: Sight = seesAll;
  #changes: DraftChange[] = [];
  #names: PlannedNames;
  #attachments: AttachmentView | undefined;

  constructor(
    private readonly index: NetworkIndex,
    private readonly hostAccess: DraftHost,
    /** Undefined when no decision of the batch asked for them. */
    private readonly facts: HostFacts | undefined,
  ) {
    this.#names = new PlannedNames(index);
  }

  /** The planned changes, in the order of their decisions. */
  get changes(): readonly DraftChange[] {
    return this.#changes;
  }

  get revision(): string {
    const hash = hashRevision(this.index.content.text, this.host.revision());
    return this.#changes.length === 0 ? hash : hash + changedMark;
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

  userOf(prefix: Cidr): PrefixUser | undefined {
    return this.#names.userOf(prefix);
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
    return this.index.find(nameOrId, this.#names.removed);
  }

  get(name: string): StoredNetwork | undefined {
    if (this.#names.isAdded(name)) throw new TooEarly();
    return this.#names.removed.has(name) ? undefined : this.index.get(name);
  }

  *networks(): Generator<StoredNetwork> {
    this.#refuseReplaced();
    for (const stored of this.index.networks()) {
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
    return readNetwork(this.#plan(undefined, planned, encodeConflist(planned)));
  }

  replace({ network }: StoredNetwork, changed: ChangedFacts): () => ReplacedNetwork {
    const file = this.index.fileOf(network.name);
    if (file === undefined) throw new TypeError(`${network.name} is in no file`);
    const { text, network: planned } = rewriteFile(file, network, changed);
    const change = this.#plan(file, planned, text);
    const read = readNetwork(change);
    return () => ({ network: read(), warnings: [...change.warnings] });
  }

  remove(network: StoredNetwork): () => readonly string[] {
    const change = this.#plan(this.#fileOf(network), undefined, undefined);
    return () => {
      if (change.outcome instanceof NetworkError) throw change.outcome;
      return [...change.warnings];
    };
  }

  /** The file that a network is shown from. */
  #fileOf({ network }: StoredNetwork): IndexedFile {
    const file = this.index.fileOf(network.name);
    if (file?.path === undefined) throw new TypeError(`${network.name} is in no file`);
    return file;
  }

  #plan(before: IndexedFile | undefined, after: PlannedNetwork | undefined, text: string | undefined): DraftChange {
    const fileName = before?.path === undefined ? `${after?.name}.conflist` : before.key;
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

  /** Drops the changes behind the first `from` ones. */
  protected forget(from: number): void {
    if (this.#changes.length === from) return;
    this.#changes = this.#changes.slice(0, from);
    this.#names = new PlannedNames(this.index);
    for (const change of this.#changes) this.#names.apply(change);
  }

  /** Refuses to look networks up once the batch replaces one, because the index still has the old one. */
  #refuseReplaced(): void {
    if (this.#changes.some(({ before, after }) => before !== undefined && after !== undefined)) throw new TooEarly();
  }
}

/** @throws NetworkError unsupported */
function rewriteFile(file: IndexedFile, network: Network, changed: ChangedFacts): Rewritten {
  try {
    return rewriteConflist(file.decoded.text, network, changed);
  } catch (error) {
    if (!(error instanceof UnclearPlace)) throw error;
    const details = { name: network.name, path: file.path ?? 'memory', place: error.place };
    throw new NetworkError('placeUnclear', details, { cause: error });
  }
}

/** Thrown when a decision reads a network that its batch is about to make or change; the decision runs again after the commit. */
export class TooEarly extends Error {}

function readNetwork(change: DraftChange): () => StoredNetwork {
  return () => {
    const { outcome } = change;
    if (outcome instanceof NetworkError) throw outcome;
    if (outcome === undefined || outcome === 'removed') throw new TypeError('a draft is read before its commit');
    return outcome;
  };
}
