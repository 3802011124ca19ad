import { Type, type Static } from '@sinclair/typebox';
import { labelScopeForm } from '../model/label-scope.js';
import { roles } from '../model/role.js';
import { key } from './declared-key.js';
import { FleetTable } from './fleet-schema.js';
import { closed, flag, name, text } from './toml-forms.js';

/** A base that stands for a prefix of this machine; see machine-ids. */
export const ulaBase = 'ula';

/** The settings that containers.conf has no key for; a description completes "<value> is not …". Integers are bigints. */
export const PodnetdToml = Type.Object(
  {
    addresses: Type.Optional(
      Type.Object(
        {
          reserved: Type.Optional(
            key(
              Type.Array(
                Type.Object(
                  {
                    subnet: text,
                    reason: name,
                  },
                  { ...closed, description: 'a table with subnet and reason' },
                ),
                { description: 'a list of tables' },
              ),
              {
                about:
                  'Prefixes that no network gets: each table has subnet, a CIDR, and reason, words that podnetd shows to a client that asks ' +
                  'for such a subnet. A client gets one nevertheless with the option podnetd.allow_reserved=true. The lists of all files add up.',
                default: 'none',
                since: '0.2.0',
              },
            ),
          ),
          subnet_pools: Type.Optional(
            key(
              Type.Array(
                Type.Object(
                  {
                    base: text,
                    size: Type.BigInt({ minimum: 1n, maximum: 128n, description: 'an integer from 1 to 128' }),
                  },
                  { ...closed, description: 'a table with base and size' },
                ),
                { description: 'a list of tables' },
              ),
              {
                about:
                  'Where podnetd takes a subnet from when a request names none, in this order: each table has base, a CIDR of IPv4 or IPv6, ' +
                  'and size, the prefix length of the subnets that are cut from it. The base "ula" stands for a /48 that is the ' +
                  "machine's own, derived from its machine-id(5). default_subnet_pools of containers.conf counts where no IPv4 pool " +
                  'stands here. Without an IPv6 pool, an IPv6 subnet is random.',
                default: 'those of containers.conf',
                since: '0.2.0',
              },
            ),
          ),
          avoid_routes: Type.Optional(
            key(flag, {
              about:
                'Whether podnetd gives a subnet that the host has a route to, as a VPN sets it up, only when no other is free.',
              default: 'true',
              since: '0.2.0',
            }),
          ),
          avoid_dns_servers: Type.Optional(
            key(flag, {
              about:
                'Whether podnetd gives a subnet that has a DNS server of the host, by resolv.conf(5), only when no other is free.',
              default: 'true',
              since: '0.2.0',
            }),
          ),
        },
        { ...closed, description: 'a table' },
      ),
    ),
    fleet: Type.Optional(FleetTable),
    sockets: Type.Optional(
      Type.Array(
        Type.Object(
          {
            path: key(text, {
              about:
                'Absolute path of a socket that podnetd makes. The tables of a file are all the sockets: the usual one needs a table too. ' +
                '--listen takes the place of all of them, and so do the sockets of a service manager, which have the role that a table with ' +
                "their path says. A user's podnetd makes those of the user's file alone. A change waits for a restart.",
              default: '/run/podnetd/podnetd.sock, or $XDG_RUNTIME_DIR/podnetd/podnetd.sock for a user',
              since: '0.2.0',
            }),
            role: Type.Optional(
              key(
                Type.Union(
                  roles.map((role) => Type.Literal(role)),
                  { description: `one of ${roles.map((role) => JSON.stringify(role)).join(', ')}` },
                ),
                {
                  about:
                    'How much the clients of the socket may do: read looks; operate also connects, disconnects and frees containers; admin ' +
                    'also makes, changes and removes networks, and is as good as root.',
                  default: '"admin"',
                  since: '0.2.0',
                },
              ),
            ),
            mode: Type.Optional(
              key(Type.String({ pattern: '^0?[0-7]{3}$', description: 'three octal digits in quotes, as "0660"' }), {
                about: 'Permission bits of the socket.',
                default: 'that of --socket-mode',
                since: '0.2.0',
              }),
            ),
            group: Type.Optional(
              key(name, {
                about: 'Group of the socket, by name or number.',
                default: 'that of --socket-group',
                since: '0.2.0',
              }),
            ),
            label: Type.Optional(
              key(Type.String({ pattern: '^[^=]+=', description: labelScopeForm }), {
                about:
                  'A label and its value. Clients see and change the networks that have it, as if there were no others, and do not see pools and plans. ' +
                  'Networks that they create get it.',
                default: 'none: clients see every network',
                since: '0.2.0',
              }),
            ),
          },
          { ...closed, description: 'a table with path' },
        ),
        { description: 'a list of tables' },
      ),
    ),
    audit: Type.Optional(
      Type.Object(
        {
          file: Type.Optional(
            key(text, {
              about:
                'Absolute path of a file to which podnetd appends a line for each change that a client asks for, with the process that asked ' +
                'for it. podnetd makes the file, not its folder. The file belongs to one podnetd: a second one with the same file does not start. ' +
                'podnetd doctor --fix appends a line for each repair to a file beside it, whose name has -repairs before the extension. ' +
                'A change of the key waits for a restart.',
              default: 'none: changes are not audited',
              since: '0.2.0',
            }),
          ),
          on_failure: Type.Optional(
            key(Type.Union([Type.Literal('refuse'), Type.Literal('allow')], { description: '"refuse" or "allow"' }), {
              about:
                'Where the file cannot be written, podnetd refuses changes and does not start, or lets them through and logs the failure.',
              default: '"refuse"',
              since: '0.2.0',
            }),
          ),
        },
        { ...closed, description: 'a table' },
      ),
    ),
    metrics: Type.Optional(
      Type.Object(
        {
          listen: Type.Optional(
            key(text, {
              about:
                'Address and port of TCP where podnetd serves its metrics and nothing else, as "127.0.0.1:9653" or "[::1]:9653"; port 0 ' +
                'leaves the choice to the kernel. A podnetd that listens there does not end when it is idle. A restart puts it in force.',
              default: 'none: metrics are on the sockets alone',
              since: '0.2.0',
            }),
          ),
          remote: Type.Optional(
            key(flag, {
              about:
                'Whether that address may be one that other machines reach. Each of them can read the metrics: there is no password and ' +
                'no encryption.',
              default: 'false',
              since: '0.2.0',
            }),
          ),
          per_network: Type.Optional(
            key(flag, {
              about:
                'Whether the metrics have the addresses of each network, podnetd_network_addresses, with the names of the networks.',
              default: 'false',
              since: '0.2.0',
            }),
          ),
        },
        { ...closed, description: 'a table' },
      ),
    ),
  },
  closed,
);

export type PodnetdToml = Static<typeof PodnetdToml>;
