import type { Cidr } from '../../model/address.js';

/** How the host uses addresses at one moment. */
export interface HostUse {
  /** Networks of the folder, by any program and of any driver. */
  readonly networks: readonly { readonly name: string; readonly subnets: readonly Cidr[] }[];
  /** Of each pool of the settings, own blocks among them: how many subnets of its length it has, and how many of them are free. */
  readonly pools: readonly { readonly pool: { readonly base: Cidr }; readonly total: bigint; readonly free: bigint }[];
}

/** @throws NetworkError storage */
export type LookAtUse = () => Promise<HostUse>;
