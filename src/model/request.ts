import type { Address, Cidr, PrefixSize } from './address.js';
import type {
  ConflistForm,
  DockerSettings,
  Driver,
  IpamDriver,
  LinkOptions,
  ReservedAddresses,
  Route,
  StringMap,
  Subnet,
} from './network.js';

/** A network as a caller asks for it, in one vocabulary for every dialect. It has not been checked against other networks. */
export interface NetworkRequest {
  /** Empty: the network is named after its device. */
  readonly name: string;
  readonly driver: string;
  /** Bridge name or parent interface; podnetd chooses a bridge's where it is empty. */
  readonly networkInterface: string;
  readonly subnets: readonly SubnetRequest[];
  /** Whether a free IPv4 subnet is added where none is given. */
  readonly ipv4Enabled: boolean;
  readonly ipv6Enabled: boolean;
  readonly internal: boolean;
  readonly dnsEnabled: boolean;
  /** Containers of a bridge that is not internal reach other networks under an address of this host. */
  readonly masquerade: boolean;
  readonly dnsServers: readonly Address[];
  readonly routes: readonly StaticRoute[];
  readonly labels: StringMap;
  readonly options: StringMap;
  /** Driver and subnets decide where it is empty. */
  readonly ipamDriver: string;
  readonly docker: DockerSettings | undefined;
  readonly form: ConflistForm;
}

/** A route with its gateway. */
export type StaticRoute = Route & { readonly gateway: Address };

export interface SubnetRequest {
  /** A size asks for any free prefix of the pools that has it. */
  readonly prefix: Cidr | PrefixSize;
  readonly gateway: Address | undefined;
  readonly leaseStart: Address | undefined;
  readonly leaseEnd: Address | undefined;
  readonly reserved: ReservedAddresses;
}

/** A request in which everything that can be judged without looking at the folder or the host is right. */
export interface CheckedRequest extends Omit<NetworkRequest, 'driver' | 'ipamDriver' | 'subnets'> {
  readonly driver: Driver;
  readonly ipamDriver: IpamDriver;
  /** In the order of the request; a size stands for a subnet that podnetd chooses. */
  readonly subnets: readonly (Subnet | PrefixSize)[];
  readonly link: LinkOptions;
  /** Whether a subnet that the request names may be a reserved one. */
  readonly allowReserved: boolean;
}
