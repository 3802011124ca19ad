import type { Attachment } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import { Collecting, type CollectedAttachment, type CollectingParts } from './collecting.js';
import {
  checkConnect,
  checkPortsMappable,
  checkStaticAddress,
  chooseInterface,
  type CheckedOptions,
  type ConnectOptions,
} from './check-connect.js';
import { findContainer, type Container } from './container.js';
import { KeyedQueue } from '../../model/keyed-queue.js';
import { explainMissing, isMissing } from './disbelieved.js';
import { locateNetwork } from './locate.js';
import { PortClaims } from './port-claims.js';
import type { AttachmentReader } from '../dependencies/attachments.js';
import type { NetworkWriter } from '../dependencies/draft.js';
import type { ContainerNamespaces, HeldNamespace } from '../dependencies/namespaces.js';
import type { Repair, UnfinishedWork } from '../dependencies/runtime.js';
import type { FileProblem, StoredNetwork } from '../dependencies/stored-network.js';

/** How often a network may change under a connect before it gives up. */
const maxTries = 5;

export interface AttachingParts extends CollectingParts {
  readonly writer: NetworkWriter;
  readonly namespaces: ContainerNamespaces;
  readonly attachments: AttachmentReader;
}

type HeldContainer = Container & { readonly namespace: HeldNamespace };

/** Puts containers on networks and takes them off. */
export class Attaching {
  readonly #queue = new KeyedQueue();
  readonly #claims = new PortClaims();
  readonly #collecting: Collecting;

  constructor(private readonly parts: AttachingParts) {
    this.#collecting = new Collecting(parts, this.#queue);
  }

  /** @throws NetworkError notFound, ambiguous, invalid, exists, inUse, plugin, storage, busy */
  async connect(network: string, container: string, options: ConnectOptions): Promise<Attachment> {
    const checked = checkConnect(options);
    await this.parts.reader.find(network);
    const found = this.#find(container, false);
    const { attachment, stored } = await this.#queue.run(
      found.id,
      async () => await this.#attach(network, found, checked),
    );
    this.#tell('connect', stored, found);
    return attachment;
  }

  /**
   * @param force forgets the attachment even if plugins fail
   * @throws NetworkError notFound, ambiguous, invalid, plugin, storage, busy
   */
  async disconnect(network: string, container: string, force: boolean): Promise<void> {
    const { name, stored } = await locateNetwork(network, this.parts);
    try {
      const found = await this.#detach(name, container, force);
      if (stored !== undefined) this.#tell('disconnect', stored, found);
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw explainMissing(error, name, container, (await this.parts.attachments.look()).faults([]));
    }
  }

  async #detach(name: string, container: string, force: boolean): Promise<Container> {
    const found = this.#find(container, true);
    await this.#queue.run(found.id, async () => {
      const isThis = ({ networkName }: Pick<Attachment, 'networkName'>) => networkName === name;
      const settled = (await this.#settle(found.id, (work) => force && isThis(work))).filter(isThis);
      refuseStuck(settled);
      const attachments = this.#of(found.id).filter(isThis);
      if (attachments.length === 0 && settled.length === 0) {
        throw new NetworkError('notConnected', { container: found.name, network: name });
      }
      for (const attachment of attachments) await this.parts.runtime.remove(attachment, force);
    });
    return found;
  }

  /** See {@link Collecting.collect}. @throws NetworkError notFound, ambiguous, storage */
  async collect(network: string): Promise<readonly CollectedAttachment[]> {
    return await this.#collecting.collect(network);
  }

  /** See {@link Collecting.free}. */
  async free(attachments: readonly Attachment[], network: StoredNetwork): Promise<readonly CollectedAttachment[]> {
    return await this.#collecting.free(attachments, network);
  }

  /** See {@link Collecting.release}. */
  async release(unrecorded: readonly Attachment[], network: StoredNetwork): Promise<readonly CollectedAttachment[]> {
    return await this.#collecting.release(unrecorded, network);
  }

  /** Attachments that are neither made nor gone, and that keep their networks in use; and files of them that nothing is done by. @throws NetworkError storage */
  problems(): readonly FileProblem[] {
    const { runtime } = this.parts;
    const stuck = runtime.unfinished().flatMap(({ path, failure }) => {
      return failure === undefined ? [] : [{ path, reason: failure, line: undefined }];
    });
    return [...stuck, ...runtime.problems()];
  }

  /** Ends what a dead process left unfinished, which else keeps networks in use that nobody is on. */
  async repair(): Promise<void> {
    this.parts.report(await this.parts.runtime.repair(() => true, { patient: false }));
  }

  async #attach(network: string, container: Container, options: CheckedOptions) {
    const settled = await this.#settle(container.id);
    const release = this.#claimPorts(container, options);
    try {
      const namespace = this.#hold(container);
      try {
        return await this.#tryToAttach(network, { ...container, namespace }, options, settled);
      } finally {
        namespace.close();
      }
    } finally {
      release();
    }
  }

  #hold({ name, netns, isGone }: Container): HeldNamespace {
    const held = netns === undefined || isGone ? undefined : this.parts.namespaces.hold(netns);
    if (held === undefined) throw new NetworkError('containerGone', { container: name, netns: netns ?? '' });
    return held;
  }

  /** What others are about to have counts too, also in other processes. */
  #claimPorts(container: Container, { portMappings }: CheckedOptions): () => void {
    const { runtime } = this.parts;
    const others = portMappings.length === 0 ? [] : [...runtime.known(), ...runtime.unfinished()];
    return this.#claims.claim(
      container,
      portMappings,
      others.filter((attachment) => !this.#collecting.isGone(attachment)),
    );
  }

  async #tryToAttach(network: string, container: HeldContainer, options: CheckedOptions, settled: readonly Repair[]) {
    const { reader, runtime } = this.parts;
    for (let tries = 1; ; tries += 1) {
      const stored = await reader.find(network);
      refuseStuck(settled.filter(({ networkName }) => networkName === stored.network.name));
      const planned = await this.#plan(stored, container, options);
      try {
        return { stored, attachment: await runtime.add(planned, async () => await this.#confirm(stored)) };
      } catch (error) {
        if (!(error instanceof NetworkChanged)) throw error;
        const { name } = stored.network;
        if (tries >= maxTries) throw new NetworkError('containerBusy', { container: container.name, network: name });
      }
    }
  }

  async #plan(stored: StoredNetwork, container: HeldContainer, options: CheckedOptions) {
    const { namespaces, runtime } = this.parts;
    const { namespace, name } = container;
    const { network } = stored;
    for (const address of options.staticAddresses) checkStaticAddress(address, network);
    checkPortsMappable(options.portMappings, stored);
    const links = await namespaces.links(namespace);
    const others: string[] = [];
    for (const attachment of this.#of(container.id)) {
      const isGone = namespaces.judge(attachment) === 'gone';
      if (attachment.networkName !== network.name) {
        if (!isGone) others.push(attachment.ifName);
      } else if (!isGone && attachment.netns === namespace.path && links.has(attachment.ifName)) {
        throw new NetworkError('alreadyConnected', { container: name, network: network.name });
      }
      // It was made in another namespace of the same name, which is gone.
      else await runtime.remove(attachment, true);
    }
    const { interfaceName, ...rest } = options;
    const ifName = chooseInterface(interfaceName, new Set([...links, ...others]), name);
    return { ...rest, network: stored, containerId: container.id, containerName: name, namespace, ifName };
  }

  /**
   * In the write lane, so that the network is not being removed: a removal that comes later sees the attachment under way, and one that came
   * earlier is seen here. The plugins run outside of the lane, which belongs to the folder alone.
   */
  async #confirm(stored: StoredNetwork): Promise<void> {
    await this.parts.writer.run((draft) => {
      const now = draft.find(stored.network.name);
      if (JSON.stringify(now.conflist) !== JSON.stringify(stored.conflist)) throw new NetworkChanged();
      return () => undefined;
    });
  }

  /** @param forget see {@link RepairOptions} */
  async #settle(containerId: string, forget?: (work: UnfinishedWork) => boolean): Promise<readonly Repair[]> {
    const concerns = (work: UnfinishedWork) => work.containerId === containerId;
    const repairs = await this.parts.runtime.repair(concerns, { patient: true, ...(forget && { forget }) });
    this.parts.report(repairs);
    return repairs;
  }

  #find(container: string, withGone: boolean): Container {
    const { runtime, namespaces } = this.parts;
    return findContainer(container, { known: [...runtime.known(), ...runtime.unfinished()], namespaces, withGone });
  }

  #of(containerId: string): readonly Attachment[] {
    return this.parts.runtime.known(containerId);
  }

  #tell(
    action: 'connect' | 'disconnect',
    { network }: StoredNetwork,
    { id, name }: Pick<Container, 'id' | 'name'>,
  ): void {
    this.parts.tell({ action, network, container: { id, name } });
  }
}

/** What could not be undone is in the way of what is about to be done. @throws NetworkError plugin, storage */
function refuseStuck(repairs: readonly Repair[]): void {
  for (const { error } of repairs) if (error !== undefined) throw error;
}

class NetworkChanged extends Error {}
