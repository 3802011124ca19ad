import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import {
  addForward,
  listForwards,
  removeForward,
  SlirpApiError,
  type ActiveForward,
  type HostForward,
} from '../host/slirp4netns-api.js';
import { existing, makePrivateFolder, readSmallFile, writeSmallFile } from '../host/user-folder.js';
import { parseAddress } from '../ip/cidr.js';
import type { Attachment, PortMapping } from '../model/attachment.js';
import { NetworkError } from '../model/errors.js';
import type { Layout } from './layout.js';

type AttachmentKey = Pick<Attachment, 'networkName' | 'containerId' | 'ifName'>;

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

  /** All of them, or none. @throws NetworkError plugin, storage */
  async open(key: AttachmentKey, mappings: readonly PortMapping[]): Promise<void> {
    const ports = mappings.map(toPort);
    if (ports.length === 0) return;
    if (existing([this.layout.apiSocket]).length === 0) {
      const reason =
        'the slirp4netns that Podman started has no API socket; stop the containers of Podman and connect again';
      throw new NetworkError('portForwardFailed', { forward: describe(ports[0]), reason });
    }
    const opened = this.#read();
    for (const [index, port] of ports.entries()) {
      try {
        await addForward(this.layout.apiSocket, this.#toForward(port));
      } catch (error) {
        await this.#closeAll(ports.slice(0, index));
        throw refuse(port, error);
      }
    }
    makePrivateFolder(this.layout.ownDir);
    writeSmallFile(this.layout.forwardsFile, JSON.stringify({ ...opened, [toText(key)]: ports }));
  }

  /**
   * Opens what belongs to attachments that live and is closed, and closes and forgets the rest.
   *
   * @returns what could not be opened @throws NetworkError plugin, storage
   */
  async restore(living: readonly AttachmentKey[]): Promise<readonly NetworkError[]> {
    const keys = new Set(living.map(toText));
    const known = Object.entries(this.#read());
    if (known.length === 0) return [];
    const kept = known.filter(([key]) => keys.has(key));
    writeSmallFile(this.layout.forwardsFile, JSON.stringify(Object.fromEntries(kept)));
    const wanted = kept.flatMap(([, ports]) => ports);
    if (existing([this.layout.apiSocket]).length === 0) return [];
    try {
      const active = await listForwards(this.layout.apiSocket);
      const wantedKeys = new Set(wanted.map(describe));
      for (const forward of active) {
        if (!wantedKeys.has(describe(forward))) await removeForward(this.layout.apiSocket, forward.id);
      }
      return await this.#openMissing(wanted, active);
    } catch (error) {
      throw refuse(wanted[0], error);
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
    for (const forward of await listForwards(this.layout.apiSocket)) {
      if (unwanted.has(describe(forward))) await removeForward(this.layout.apiSocket, forward.id);
    }
  }

  #toForward(port: OpenedPort): HostForward {
    return { ...port, guestAddress: this.guestAddress, guestPort: port.hostPort };
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
