import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { key } from './declared-key.js';

/** source: containers/common pkg/config/default.go@v0.50.1 */
export const defaultPluginDirs = [
  '/usr/local/libexec/cni',
  '/usr/libexec/cni',
  '/usr/local/lib/cni',
  '/usr/lib/cni',
  '/opt/cni/bin',
];

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
        network_cmd_path: Type.Optional(
          key(text, {
            about: "Path of slirp4netns, which podnetd runs for a user's networks.",
            default: 'the one in PATH',
            since: '0.1.0',
          }),
        ),
        network_cmd_options: Type.Optional(
          key(Type.Array(listItem, { description: 'a list of options' }), {
            about:
              'Options of slirp4netns, each as name=value: cidr, mtu, enable_ipv6, allow_host_loopback, outbound_addr and ' +
              'outbound_addr6. podnetd checks port_handler and does not use it.',
            default: 'mtu=65520, allow_host_loopback=false',
            since: '0.1.0',
          }),
        ),
      },
      { description: 'a table' },
    ),
  ),
  network: Type.Optional(
    Type.Object(
      {
        network_backend: Type.Optional(
          key(text, {
            about:
              'podnetd warns of a back end other than cni, because a Podman with such a back end does not see the networks.',
            default: 'none',
            since: '0.1.0',
          }),
        ),
        network_config_dir: Type.Optional(
          key(text, {
            about: 'Absolute path of the folder of conflists. The flag --cni-config-dir wins.',
            default: '/etc/cni/net.d, or $XDG_CONFIG_HOME/cni/net.d for a user',
            since: '0.1.0',
          }),
        ),
        cni_plugin_dirs: Type.Optional(
          key(Type.Array(listItem, { minItems: 1, description: 'a list of at least one folder' }), {
            about:
              'Absolute paths of the folders in which podnetd looks for plugins, in this order. The flag --cni-plugin-dir wins.',
            default: defaultPluginDirs.join(', '),
            since: '0.1.0',
          }),
        ),
        default_network: Type.Optional(
          key(text, {
            about: 'Name of the network that exists without a file.',
            default: 'podman',
            since: '0.1.0',
          }),
        ),
        default_subnet: Type.Optional(
          key(text, { about: 'Subnet of the default network, as a CIDR.', default: '10.88.0.0/16', since: '0.1.0' }),
        ),
        default_subnet_pools: Type.Optional(
          key(
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
            {
              about:
                'Where podnetd takes a subnet from when a request names none: each table has base, an IPv4 CIDR, and size, the prefix ' +
                'length of the subnets that are cut from it.',
              default: '10.89.0.0/16 to 10.255.255.0/24, in /24s',
              since: '0.1.0',
            },
          ),
        ),
      },
      { description: 'a table' },
    ),
  ),
});

export type ContainersConf = Static<typeof ContainersConf>;
