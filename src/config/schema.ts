import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import type { Identity } from './identity.js';
import type { SlirpOptions } from '../host/slirp4netns/process.js';
import type { Cidr } from '../model/address.js';
import type { SubnetPool } from '../ip/pools.js';

const text = Type.String({ description: 'a string' });

/** See attributed-list. */
const listItem = Type.Union(
  [text, Type.Object({ append: Type.Optional(Type.Boolean()) }, { additionalProperties: false })],
  { description: 'a string or { append = true }' },
);

/**
 * The part of containers.conf that podnetd reads; a description completes "<value> is not …". Integers are bigints.
 * source: containers/common pkg/config/config.go@v0.50.1 (NetworkConfig, EngineConfig)
 */
export const ContainersConf = Type.Object({
  engine: Type.Optional(
    Type.Object(
      {
        network_cmd_path: Type.Optional(text),
        network_cmd_options: Type.Optional(Type.Array(listItem, { description: 'a list of options' })),
      },
      { description: 'a table' },
    ),
  ),
  network: Type.Optional(
    Type.Object(
      {
        network_backend: Type.Optional(text),
        network_config_dir: Type.Optional(text),
        cni_plugin_dirs: Type.Optional(
          Type.Array(listItem, { minItems: 1, description: 'a list of at least one folder' }),
        ),
        default_network: Type.Optional(text),
        default_subnet: Type.Optional(text),
        default_subnet_pools: Type.Optional(
          Type.Array(
            Type.Object(
              {
                base: text,
                size: Type.BigInt({ minimum: 1n, maximum: 32n, description: 'an integer from 1 to 32' }),
              },
              { description: 'a table' },
            ),
            { description: 'a list of tables' },
          ),
        ),
      },
      { description: 'a table' },
    ),
  ),
});

export type ContainersConf = Static<typeof ContainersConf>;

export interface Config {
  /** Absolute paths of Unix sockets. */
  readonly listen: readonly string[];
  readonly socketMode: number;
  readonly socketGroup?: string;
  /** 0 = never. */
  readonly idleTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly logLevel: string;
  readonly cniConfigDir: string;
  readonly cniPluginDirs: readonly string[];
  /** As libcni's CacheDir; it has `results`, and `networks` of host-local. */
  readonly cniCacheDir: string;
  readonly defaultNetwork: string;
  readonly defaultSubnet: Cidr;
  readonly subnetPools: readonly SubnetPool[];
  /** Path of slirp4netns; the one in PATH when undefined. */
  readonly slirpPath?: string;
  readonly slirp: SlirpOptions;
  readonly identity: Identity;
  /** Worth a line of the log at the start. */
  readonly warnings: readonly string[];
}
