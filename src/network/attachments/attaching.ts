import { isSameAttachment, type Attachment } from '../../model/attachment.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { ExpectedTags } from '../../model/revision.js';
import type { KeyedQueue } from '../../model/keyed-queue.js';
import type { AttachmentService, CollectedAttachment } from './attachment-service.js';
import {
  checkConnect,
  checkPortsMappable,
  checkStaticAddress,
  chooseInterface,
  type CheckedOptions,
  type ConnectOptions,
} from './check-connect.js';
import { findContainer, type Container } from './container.js';
import { explainMissing, isMissing } from './disbelieved.js';
import type { Freeing } from './freeing.js';
import { locateNetwork } from './locate.js';
import { checkTag } from '../condition/etag.js';
import { refuseStuck } from './repairs.js';
import type { PortClaims } from './port-claims.js';
import type { AttachmentReader, AttachmentView } from '../dependencies/attachments.js';
import type { NetworkWriter } from '../dependencies/draft.js';
import type { EventRecord } from '../dependencies/events.js';
import type { ContainerNamespaces, HeldNamespace } from '../dependencies/namespaces.js';
import type { AttachedHost, AttachmentRuntime, Repair, UnfinishedWork } from '../dependencies/runtime.js';
import type { NetworkReader, StoredNetwork } from '../dependencies/stored-network.js';

/** Tries of a connect whose network changes meanwhile. */
const maxTries = 5;

export interface AttachingParts {
  readonly reader: NetworkReader;
  readonly writer: NetworkWriter;
  readonly runtime: AttachmentRuntime;
  readonly namespaces: ContainerNamespaces;
  readonly attachments: AttachmentReader;
  readonly freeing: Freeing;
  /** The queue of `freeing`, by container id. */
  readonly queue: KeyedQueue;
  /** The ports that connects of this process are about to have. */
  readonly claims: PortClaims;
  /** The whole host, with which a connect may collide. */
  readonly host: AttachedHost;
  readonly events: Pick<EventRecord, 'emit'>;
  /** Receives the outcome of repairs, also an empty one. */
  report(repairs: readonly Repair[]): void;
}

type HeldContainer = Container & { readonly namespace: HeldNamespace };

/** Options of a connect, and tags of which the network has to have one. */
type ConditionalOptions = CheckedOptions & { readonly expected: ExpectedTags };

/** Attaches containers to networks, until a disconnect or the garbage collection. */
export class Attaching implements AttachmentService {
  constructor(private readonly parts: AttachingParts) {}

  async connect(
    network: string,
    container: string,
    options: ConnectOptions,
    expected?: ExpectedTags,
  ): Promise<Attachment> {
    const checked = checkConnect(options);
    const asked = await this.parts.reader.find(network);
    checkTag(asked, expected);
    const found = await this.#find(container, false);
    const { attachment, stored } = await this.parts.queue.run(
      found.id,
      async () => await this.#attach(network, asked, found, { ...checked, expected }),
    );
    this.#emit('connect', stored, found);
    return attachment;
  }

  async disconnect(network: string, container: string, force: boolean): Promise<void> {
    const { name, stored } = await locateNetwork(network, this.parts);
    try {
      const found = await this.#detach(name, container, force);
      if (stored !== undefined) this.#emit('disconnect', stored, found);
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw explainMissing(error, name, container, (await this.look()).faults([]));
    }
  }

  async #detach(name: string, container: string, force: boolean): Promise<Container> {
    const found = await this.#find(container, true);
    await this.parts.queue.run(found.id, async () => {
      const isThis = ({ networkName }: Pick<Attachment, 'networkName'>) => networkName === name;
      const settled = (await this.#settle(found.id, (work) => force && isThis(work))).filter(isThis);
      refuseStuck(settled);
      const attachments = (await this.parts.runtime.known()).ofContainer(found.id).filter(isThis);
      if (attachments.length === 0 && settled.length === 0) {
        throw new NetworkError('notConnected', { container: found.name, network: name });
      }
      for (const attachment of attachments) await this.parts.runtime.remove(attachment, force);
    });
    return found;
  }

  async collect(network: string): Promise<readonly CollectedAttachment[]> {
    const { runtime, freeing } = this.parts;
    const { name, stored } = await locateNetwork(network, this.parts);
    const repairs = await runtime.repair(({ networkName }) => networkName === name, { patient: false });
    this.parts.report(repairs);
    const known = (await runtime.known()).all();
    const repaired = repairs
      // An ADD that the repair found complete is connected.
      .filter((work) => work.error !== undefined || !known.some((attachment) => isSameAttachment(attachment, work)))
      .map(({ error, ...attachment }) => ({ attachment, error }));
    const left = known.filter(({ networkName }) => networkName === name);
    return [...repaired, ...(await freeing.free(left, stored)), ...(await this.#releaseUnrecorded(network))];
  }

  async look(): Promise<AttachmentView> {
    return await this.parts.attachments.look();
  }

  async #releaseUnrecorded(nameOrId: string): Promise<readonly CollectedAttachment[]> {
    const { reader, freeing } = this.parts;
    try {
      const network = await reader.find(nameOrId);
      return await freeing.release((await this.look()).unrecorded(network), network);
    } catch (error) {
      // Without a file podnetd does not know where the leases are.
      if (error instanceof NetworkError && error.kind === 'notFound') return [];
      throw error;
    }
  }

  async #attach(network: string, asked: StoredNetwork, container: Container, options: ConditionalOptions) {
    const settled = await this.#settle(container.id);
    const release = await this.#claimPorts(container, asked.network.name, options);
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

  /** Claims the ports; attachments under way count too, also those of other processes. @returns releases the claim */
  async #claimPorts(container: Container, network: string, { portMappings }: CheckedOptions): Promise<() => void> {
    if (portMappings.length === 0) return () => undefined;
    const { host, claims } = this.parts;
    const known = await host.known();
    // From here to the claim nothing waits, so that no attachment is recorded between.
    return claims.claim(
      container,
      network,
      portMappings,
      [...known.all(), ...host.unfinished()],
      (name) => host.seesNetwork(name),
      (attachment) => !this.parts.freeing.isGone(attachment),
    );
  }

  async #tryToAttach(
    network: string,
    container: HeldContainer,
    { expected, ...options }: ConditionalOptions,
    settled: readonly Repair[],
  ) {
    const { reader, runtime } = this.parts;
    for (let tries = 1; ; tries += 1) {
      const stored = await reader.find(network);
      checkTag(stored, expected);
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
    const { namespaces, runtime, host } = this.parts;
    const { namespace, name } = container;
    const { network } = stored;
    for (const address of options.staticAddresses) checkStaticAddress(address, network);
    checkPortsMappable(options.portMappings, stored);
    const links = await namespaces.links(namespace);
    const others: string[] = [];
    for (const attachment of (await host.known()).ofContainer(container.id)) {
      const isGone = namespaces.judge(attachment) === 'gone';
      if (attachment.networkName !== network.name) {
        if (!isGone) others.push(attachment.ifName);
      } else if (!isGone && attachment.netns === namespace.path && links.has(attachment.ifName)) {
        throw new NetworkError('alreadyConnected', { container: name, network: network.name });
      }
      // The attachment is dead: its namespace is gone or another one, or the namespace has no such link.
      else await runtime.remove(attachment, true);
    }
    const { interfaceName, ...rest } = options;
    const ifName = chooseInterface(interfaceName, new Set([...links, ...others]), name);
    return { ...rest, network: stored, containerId: container.id, containerName: name, namespace, ifName };
  }

  /**
   * Checks in the write lane that the network is unchanged: a later removal sees the attachment under way, and an earlier one is seen here. The
   * plugins run outside of the lane, which belongs to the folder alone.
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

  async #find(container: string, withGone: boolean): Promise<Container> {
    const { host, namespaces } = this.parts;
    const all = [...(await host.known()).all(), ...host.unfinished()];
    return findContainer(container, { all, seesNetwork: (name) => host.seesNetwork(name), namespaces, withGone });
  }

  #emit(
    action: 'connect' | 'disconnect',
    { network }: StoredNetwork,
    { id, name }: Pick<Container, 'id' | 'name'>,
  ): void {
    this.parts.events.emit({ action, network, container: { id, name } });
  }
}

class NetworkChanged extends Error {}
