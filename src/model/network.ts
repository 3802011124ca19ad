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
  /** Name servers of the network, in the order in which containers ask them. */
  readonly dnsServers: readonly Address[];
  /** Static routes of containers; the default routes to the gateways of the network are not among them. */
  readonly routes: readonly Route[];
  readonly labels: StringMap;
  /** Podman's options, such as mtu and isolate, and Docker's enable_icc. */
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

/** A route that each container of a network gets. */
export interface Route {
  readonly destination: Cidr;
  /** Undefined in files of others alone, where the plugin takes the network's gateway. */
  readonly gateway: Address | undefined;
  /** Of several routes to a destination the kernel takes the lowest; 0 leaves it to the kernel. */
  readonly metric: number;
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

/** Options that become keys of plugins. */
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
  /** Containers of the bridge reach each other (Docker: enable_icc). */
  readonly interContainer: boolean;
  /** Containers get a default route to the gateway of each family, unless the network is internal. */
  readonly defaultRoute: boolean;
  /** Metric of the default routes; 0 leaves it to the kernel. */
  readonly metric: number;
}

/** A network decided but not yet written. */
export interface PlannedNetwork extends Omit<Network, 'createdNs'> {
  readonly driver: Driver;
  readonly ipamDriver: IpamDriver;
  readonly link: LinkOptions;
  readonly form: ConflistForm;
  /** Version of the CNI specification that the file follows. */
  readonly cniVersion: string;
}

/** The facts of a network that a change gives other values; those that are absent stay. */
export type ChangedFacts = Partial<
  Pick<Network, 'subnets' | 'routes' | 'dnsEnabled' | 'dnsServers' | 'labels' | 'options' | 'docker'>
> & {
  /** Version of the CNI specification, where the chain of plugins needs another one. */
  readonly cniVersion?: string;
  /** The members that follow from changed options. */
  readonly link?: Partial<LinkOptions>;
};

export type Driver = 'bridge' | 'macvlan' | 'ipvlan';

export type IpamDriver = 'host-local' | 'dhcp' | 'none';

/** The Podman version whose way of writing a conflist the file follows: Podman 3 wrote neither `podman_options` nor the `ips` capability. */
export type ConflistForm = 'podman3' | 'podman4';
