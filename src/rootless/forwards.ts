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
import type { Layout } from './layout.js';

/** Ports of the host that each attachment has, by its key. */
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

/**
 * Ports of the host that slirp4netns hands into the namespace, where the portmap plugin hands them on. slirp4netns forgets them with its end, so
 * they are written down.
 */
export class Forwards {
  constructor(
    private readonly layout: Pick<Layout, 'ownDir' | 'apiSocket' | 'forwardsFile'>,
    /** Of the tap in the namespace. */
    private readonly guestAddress: string,
  ) {}

  /**
   * Writes down what an attachment is about to have, so that it gets it even if podnetd is killed before {@link Forwards.open}.
   *
   * @throws NetworkError plugin for what cannot be had at all, storage
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

  /** Opens what was promised and is not open yet: all of it, or none. @throws NetworkError plugin, storage */
  async open(key: AttachmentKey): Promise<void> {
    const ports = this.#read()[toText(key)] ?? [];
    if (ports.length === 0) return;
    const [failure] = await this.#openMissing(ports, await this.#list(ports[0]));
    if (failure === undefined) return;
    await this.#closeAll(ports);
    throw failure;
  }

  /** @throws NetworkError storage */
  forget(key: AttachmentKey): void {
    const { [toText(key)]: forgotten, ...rest } = this.#read();
    if (forgotten !== undefined) this.#write(rest);
  }

  /**
   * Opens what belongs to attachments that live and is closed, and closes and forgets the rest.
   *
   * @param pending may live soon: what was promised to them is kept
   * @returns what could not be opened @throws NetworkError plugin, storage
   */
  async restore(living: readonly AttachmentKey[], pending: readonly AttachmentKey[]): Promise<readonly NetworkError[]> {
    const known = Object.entries(this.#read());
    if (known.length === 0) return [];
    const [livingKeys, pendingKeys] = [living, pending].map((keys) => new Set(keys.map(toText)));
    this.#write(Object.fromEntries(known.filter(([key]) => livingKeys?.has(key) || pendingKeys?.has(key))));
    if (existing([this.layout.apiSocket]).length === 0) return [];
    const wanted = known.filter(([key]) => livingKeys?.has(key)).flatMap(([, ports]) => ports);
    const kept = known.filter(([key]) => pendingKeys?.has(key)).flatMap(([, ports]) => ports);
    const active = await this.#list(wanted[0]);
    const keptKeys = new Set([...wanted, ...kept].map(describe));
    for (const forward of active) if (!keptKeys.has(describe(forward))) await this.#close(forward);
    return await this.#openMissing(wanted, active);
  }

  /** @param port for whose sake it is done */
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
      throw refuse(forward, error);
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
  // It does not say why; source: slirp4netns api.c@v1.2.0.
  const why = error.message.includes('slirp_add_hostfwd')
    ? 'the port is used on the host, or is below net.ipv4.ip_unprivileged_port_start'
    : error.message;
  return new NetworkError('portForwardFailed', { forward: describe(port), reason: why }, { cause: error });
}

function describe(port: OpenedPort | undefined): string {
  return port === undefined ? '' : `${port.hostAddress}:${port.hostPort}/${port.protocol}`;
}

/** None of its parts has a slash. */
function toText({ networkName, containerId, ifName }: AttachmentKey): string {
  return `${networkName}/${containerId}/${ifName}`;
}
