import type { Address } from './address.js';

/** One interface of one container on one network, as the runtime that attached it wrote it down. */
export interface Attachment {
  readonly networkName: string;
  readonly containerId: string;
  /** As the runtime named the container; undefined when it did not say. */
  readonly containerName: string | undefined;
  /** Inside the container, such as `eth0`. */
  readonly ifName: string;
  /** Path of the network namespace; undefined when the plugins did not tell it. */
  readonly netns: string | undefined;
  /** Tells that namespace from every other one that the path may lead to later; undefined when the runtime did not write it down. */
  readonly mark?: string | undefined;
  /** Lower case with colons; undefined for interfaces without one. */
  readonly macAddress: string | undefined;
  readonly addresses: readonly AttachedAddress[];
  /** Other names that the container is known by on this network. */
  readonly aliases: readonly string[];
  /** Ports of the host that lead to it. */
  readonly portMappings: readonly PortMapping[];
}

/** Whether the namespace that an attachment was made in is still there. What cannot be told is neither used up nor cleared away. */
export type Liveness = 'alive' | 'gone' | 'unknown';

/** What tells one attachment from another. */
export type AttachmentKey = Pick<Attachment, 'networkName' | 'containerId' | 'ifName'>;

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
  /** Of the host; undefined for every one. */
  readonly hostIp: string | undefined;
}
