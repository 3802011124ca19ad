import { Type, type Static } from '@sinclair/typebox';
import type { Identity } from '../host/identity.js';
import type { SubnetPool } from '../ip/pools.js';
import type { Cidr } from '../model/address.js';

/** The part of containers.conf that podnetd reads; other keys and tables are Podman's own business. */
export const ContainersConf = Type.Object({
  network: Type.Optional(
    Type.Object({
      network_config_dir: Type.Optional(Type.String()),
      cni_plugin_dirs: Type.Optional(Type.Array(Type.String())),
      default_network: Type.Optional(Type.String()),
      default_subnet: Type.Optional(Type.String()),
      default_subnet_pools: Type.Optional(Type.Array(Type.Object({ base: Type.String(), size: Type.Integer() }))),
    }),
  ),
});
export type ContainersConf = Static<typeof ContainersConf>;

/** What containers.conf files said, checked. */
export interface FileSettings {
  readonly cniConfigDir?: string;
  readonly cniPluginDirs?: readonly string[];
  readonly defaultNetwork?: string;
  readonly defaultSubnet?: Cidr;
  readonly subnetPools?: readonly SubnetPool[];
}

/** Everything that the daemon is told, once and for all. */
export interface Config {
  /** Absolute paths of Unix sockets. */
  readonly listen: readonly string[];
  readonly socketMode: number;
  readonly socketGroup: string | undefined;
  /** 0: never. */
  readonly idleTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly logLevel: string;
  readonly cniConfigDir: string;
  readonly cniPluginDirs: readonly string[];
  readonly defaultNetwork: string;
  readonly defaultSubnet: Cidr;
  readonly subnetPools: readonly SubnetPool[];
  readonly identity: Identity;
}
