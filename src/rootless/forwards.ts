import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import {
  addForward,
  listForwards,
  removeForward,
  SlirpApiError,
  type ActiveForward,
  type HostForward,
} from '../host/slirp4netns/api.js';
import { existing, makePrivateFolder, readSmallFile, writeSmallFile } from '../host/files/user-folder.js';
import { parseAddress } from '../ip/cidr.js';
import type { AttachmentKey, PortMapping } from '../model/attachment.js';
import { NetworkError } from '../model/errors/errors.js';
import { KeyedQueue } from '../model/keyed-queue.js';
import type { Layout } from './layout.js';

/** Host ports of each attachment, by its key. */
const Opened = Type.Record(
  Type.String(),
  Type.Array(
    Type.Object({
      protocol: Type.Union([Type.Literal('tcp'), Type.Literal('udp')]),
      hostAddress: Type.String(),
      hostPort: Type.Integer(),
    }),
  ),
);
type Opened = Static<typeof Opened>;
type OpenedPort = Opened[string][number];

interface Attached<T> {
  /** Attachments whose ports may be recorded. */
  readonly known: readonly T[];
  /** Attachments that may live soon, whose records are kept. */
  readonly pending: readonly AttachmentKey[];
}

/**
 * Host ports that slirp4netns forwards into the namespace, where the portmap plugin forwards them on. podnetd keeps them in a file, because
 * slirp4netns forgets them when it ends.
 */
export class Forwards {
  /** Opens and closes one after the other, so that each sees what the one before has done. */
  readonly #turns = new KeyedQueue();

  constructor(
    private readonly layout: Pick<Layout, 'ownDir' | 'apiSocket' | 'forwardsFile'>,
    /** Address of the tap in the namespace. */
    private readonly guestAddress: string,
  ) {}

  /**
   * Records the ports of a coming attachment, so that it gets them even if podnetd is killed before {@link Forwards.open}.
   *
   * @throws NetworkError plugin for ports that slirp4netns cannot forward, storage
   */
  promise(key: AttachmentKey, mappings: readonly PortMapping[]): void {
    const ports = mappings.map(toPort);
    if (ports.length === 0) return;
    if (existing([this.layout.apiSocket]).length === 0) {
      const reason =
        'the slirp4netns that Podman started has no API socket; stop the containers of Podman and connect again';
      throw new NetworkError('portForwardFailed', { forward: describe(ports[0]), reason });
    }
    const others = Object.entries(this.#read()).filter(([other]) => other !== toText(key));
    const taken = new Set(others.flatMap(([, theirs]) => theirs.map(describe)));
    const twice = ports.find((port) => taken.has(describe(port)));
    if (twice !== undefined) {
      throw new NetworkError('portForwardFailed', { forward: describe(twice), reason: 'another attachment has it' });
    }
    this.#write(Object.fromEntries([...others, [toText(key), ports]]));
  }

  /** Opens the recorded ports of an attachment that are closed: all, or none. @throws NetworkError plugin, storage */
  async open(key: AttachmentKey): Promise<void> {
    await this.#turns.run('all', async () => await this.#open(key));
  }

  async #open(key: AttachmentKey): Promise<void> {
    const ports = this.#read()[toText(key)] ?? [];
    if (ports.length === 0) return;
    const [failure] = await this.#openMissing(ports, await this.#list(ports[0]));
    if (failure === undefined) return;
    await this.#closeAll(ports);
    throw failure;
  }

  /** Removes the record of an attachment's ports. @throws NetworkError storage */
  forget(key: AttachmentKey): void {
    const { [toText(key)]: forgotten, ...rest } = this.#read();
    if (forgotten !== undefined) this.#write(rest);
  }

  /**
   * Opens the closed ports of living attachments, and closes and forgets all others.
   *
   * @param look called in the turn, so that it sees those whose ports were recorded meanwhile
   * @param isAlive asked only of those whose ports are recorded
   * @returns one error a port that could not be opened @throws NetworkError plugin, storage
   */
  async restore<T extends AttachmentKey>(
    look: () => Promise<Attached<T>>,
    isAlive: (attachment: T) => boolean,
  ): Promise<readonly NetworkError[]> {
    return await this.#turns.run('all', async () => await this.#restore(await look(), isAlive));
  }

  async #restore<T extends AttachmentKey>(
    { known, pending }: Attached<T>,
    isAlive: (attachment: T) => boolean,
  ): Promise<readonly NetworkError[]> {
    const opened = this.#read();
    const recorded = Object.entries(opened);
    if (recorded.length === 0) return [];
    const living = known.filter((one) => Object.hasOwn(opened, toText(one)) && isAlive(one));
    const [livingKeys, pendingKeys] = [living, pending].map((keys) => new Set(keys.map(toText)));
    this.#write(
      Object.fromEntries(recorded.filter(([key]) => livingKeys?.has(key) === true || pendingKeys?.has(key) === true)),
    );
    if (existing([this.layout.apiSocket]).length === 0) return [];
    const wanted = recorded.filter(([key]) => livingKeys?.has(key)).flatMap(([, ports]) => ports);
    const kept = recorded.filter(([key]) => pendingKeys?.has(key)).flatMap(([, ports]) => ports);
    const active = await this.#list(wanted[0]);
    const keptKeys = new Set([...wanted, ...kept].map(describe));
    for (const forward of active) if (!keptKeys.has(describe(forward))) await this.#close(forward);
    return await this.#openMissing(wanted, active);
  }

  /** @param port that an error names */
  async #list(port: OpenedPort | undefined): Promise<readonly ActiveForward[]> {
    try {
      return await listForwards(this.layout.apiSocket);
    } catch (error) {
      throw refuse(port, error);
    }
  }

  async #openMissing(
    wanted: readonly OpenedPort[],
    active: readonly ActiveForward[],
  ): Promise<readonly NetworkError[]> {
    const there = new Set(active.map(describe));
    const failures: NetworkError[] = [];
    for (const port of wanted) {
      if (there.has(describe(port))) continue;
      try {
        await addForward(this.layout.apiSocket, this.#toForward(port));
      } catch (error) {
        failures.push(refuse(port, error));
      }
    }
    return failures;
  }

  async #closeAll(ports: readonly OpenedPort[]): Promise<void> {
    const unwanted = new Set(ports.map(describe));
    for (const forward of await this.#list(ports[0])) {
      if (unwanted.has(describe(forward))) await this.#close(forward);
    }
  }

  async #close(forward: ActiveForward): Promise<void> {
    try {
      await removeForward(this.layout.apiSocket, forward.id);
    } catch (error) {
      // Another podnetd of the user may have closed it meanwhile.
      const active = await this.#list(forward);
      if (active.some(({ id }) => id === forward.id)) throw refuse(forward, error);
    }
  }

  #toForward(port: OpenedPort): HostForward {
    return { ...port, guestAddress: this.guestAddress, guestPort: port.hostPort };
  }

  #write(opened: Opened): void {
    makePrivateFolder(this.layout.ownDir);
    writeSmallFile(this.layout.forwardsFile, JSON.stringify(opened));
  }

  #read(): Opened {
    try {
      const value: unknown = JSON.parse(readSmallFile(this.layout.forwardsFile) ?? '{}');
      return Value.Check(Opened, value) ? value : {};
    } catch {
      return {};
    }
  }
}

function toPort({ protocol, hostIp = '', hostPort }: PortMapping): OpenedPort {
  const hostAddress = hostIp === '' ? '0.0.0.0' : hostIp;
  const forward = `${hostAddress}:${hostPort}/${protocol}`;
  const fail = (reason: string) => new NetworkError('portForwardFailed', { forward, reason });
  if (protocol === 'sctp') throw fail('slirp4netns forwards TCP and UDP only');
  if (parseAddress(hostAddress)?.family !== 4) throw fail('slirp4netns forwards from IPv4 addresses only');
  return { protocol, hostAddress, hostPort };
}

function refuse(port: OpenedPort | undefined, error: unknown): NetworkError {
  if (!(error instanceof SlirpApiError)) throw error;
  // slirp4netns does not say why; source: slirp4netns api.c@v1.2.0.
  const why = error.message.includes('slirp_add_hostfwd')
    ? 'the port is used on the host, or is below net.ipv4.ip_unprivileged_port_start'
    : error.message;
  return new NetworkError('portForwardFailed', { forward: describe(port), reason: why }, { cause: error });
}

function describe(port: OpenedPort | undefined): string {
  return port === undefined ? '' : `${port.hostAddress}:${port.hostPort}/${port.protocol}`;
}

/** Text of a key, whose parts have no slash. */
function toText({ networkName, containerId, ifName }: AttachmentKey): string {
  return `${networkName}/${containerId}/${ifName}`;
}
