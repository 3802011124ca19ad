import type { Address } from './address.js';

/** One interface of one container on one network, as the runtime that attached it recorded it. */
export interface Attachment {
  readonly networkName: string;
  readonly containerId: string;
  /** The container's name in the runtime's record; undefined where the record has none. */
  readonly containerName: string | undefined;
  /** Inside the container, such as `eth0`. */
  readonly ifName: string;
  /** Path of the network namespace; undefined when the plugins did not report it. */
  readonly netns: string | undefined;
  /** Identity of the namespace, because its path may lead to another one later; undefined where the record has none. */
  readonly mark?: string | undefined;
  /** Lower case with colons; undefined for interfaces without one. */
  readonly macAddress: string | undefined;
  readonly addresses: readonly AttachedAddress[];
  /** Other names of the container on this network. */
  readonly aliases: readonly string[];
  /** Ports of the host that are forwarded to it. */
  readonly portMappings: readonly PortMapping[];
  /** Absent where the plugins reported no name server. */
  readonly resolver?: Resolver;
}

/** What plugins ask the runtime to write into a container's resolv.conf. */
export interface Resolver {
  /** In the order in which the container asks them. */
  readonly servers: readonly Address[];
  readonly searchDomains: readonly string[];
}

/** Whether the namespace of an attachment is still there. An attachment with `unknown` keeps its network and is not cleared. */
export type Liveness = 'alive' | 'gone' | 'unknown';

/** The key of an attachment. */
export type AttachmentKey = Pick<Attachment, 'networkName' | 'containerId' | 'ifName'>;

export function isSameAttachment(a: AttachmentKey, b: AttachmentKey): boolean {
  return a.networkName === b.networkName && a.containerId === b.containerId && a.ifName === b.ifName;
}

export interface AttachedAddress {
  readonly address: Address;
  readonly prefixBits: number;
  readonly gateway: Address | undefined;
}

export const portProtocols = ['tcp', 'udp', 'sctp'] as const;

export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: (typeof portProtocols)[number];
  /** Address of the host; undefined for all of them. */
  readonly hostIp: string | undefined;
}
