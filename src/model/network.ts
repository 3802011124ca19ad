import type { Address, Cidr } from './address.js';

/** Facts of one network by its conflist, which any program may have written (Podman: `types.Network`). */
export interface Network {
  readonly name: string;
  /** Lowercase hex sha256 of the name. */
  readonly id: string;
  readonly driver: string;
  /** Bridge name, or the parent of a macvlan or ipvlan. */
  readonly networkInterface: string;
  /** Nanoseconds since the epoch. */
  readonly createdNs: bigint;
  readonly subnets: readonly Subnet[];
  readonly ipv6Enabled: boolean;
  readonly internal: boolean;
  readonly dnsEnabled: boolean;
  readonly labels: StringMap;
  /** Podman's options: mtu, vlan, mode, isolate. */
  readonly options: StringMap;
  /** `host-local`, `dhcp`, `none`, a foreign plugin's name, or undefined when the first plugin is not understood. */
  readonly ipamDriver: string | undefined;
  /** The create body of a Docker client, word for word; undefined for networks that other clients made. */
  readonly docker: DockerSettings | undefined;
}

export interface Subnet {
  readonly cidr: Cidr;
  readonly gateway: Address | undefined;
  /** First and last address given out, both inclusive. */
  readonly leaseStart: Address | undefined;
  readonly leaseEnd: Address | undefined;
  /** Addresses of the subnet that are never given out, by the name of the host that has each. */
  readonly reserved: ReservedAddresses;
}

export type ReservedAddresses = ReadonlyMap<string, Address>;

export type StringMap = ReadonlyMap<string, string>;

/** docker-compose, Ansible's docker_network and Terraform compare it with their configuration at each run. */
export interface DockerSettings {
  readonly options: StringMap;
  /** Undefined when none were sent: to clients that is another answer than an empty map. */
  readonly ipamOptions: StringMap | undefined;
  /** Values of members that the network itself does not have, by Docker's names, such as `Attachable`. */
  readonly members: StringMap;
  /** By the prefix of the subnet. */
  readonly pools: ReadonlyMap<string, DockerPool>;
}

/** One pool; what was not sent is empty. */
export interface DockerPool {
  readonly subnet: string;
  readonly range: string;
  readonly gateway: string;
  readonly auxiliary: StringMap;
}

/** Options that become keys of the first plugin. */
export interface LinkOptions {
  /** Bytes; 0 leaves it to the plugin. */
  readonly mtu: number;
  /** 802.1Q id; 0 for none. */
  readonly vlan: number;
  /** macvlan or ipvlan mode; empty for the plugin's default. */
  readonly mode: string;
  /** Bridges made isolated do not forward to each other. */
  readonly isolate: boolean;
  /** Containers reach other networks under an address of this host. */
  readonly masquerade: boolean;
}

/** A network decided but not yet written. */
export interface PlannedNetwork extends Omit<Network, 'createdNs'> {
  readonly driver: Driver;
  readonly ipamDriver: IpamDriver;
  readonly link: LinkOptions;
  readonly form: ConflistForm;
}

export type Driver = 'bridge' | 'macvlan' | 'ipvlan';

export type IpamDriver = 'host-local' | 'dhcp' | 'none';

/** The Podman version whose way of writing a conflist the file follows: Podman 3 wrote neither `podman_options` nor the `ips` capability. */
export type ConflistForm = 'podman3' | 'podman4';
