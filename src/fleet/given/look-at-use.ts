import type { Cidr } from '../../model/address.js';

/** How the host uses addresses at one moment. */
export interface HostUse {
  /** How many networks the folder has, by any program and of any driver. */
  readonly networks: number;
  /** Those with subnets in the fleet's pools that blocks in force do not cover, with these subnets; others may be among them. */
  readonly strays: readonly { readonly name: string; readonly subnets: readonly Cidr[] }[];
  /** Whether a network has a part of a prefix. */
  readonly isUsed: (prefix: Cidr) => boolean;
  /** Of each pool of the settings, own blocks among them: how many subnets of its length it has, and how many of them are free. */
  readonly pools: readonly { readonly pool: { readonly base: Cidr }; readonly total: bigint; readonly free: bigint }[];
}

/** @throws NetworkError storage */
export type LookAtUse = () => Promise<HostUse>;
