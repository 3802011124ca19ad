import { Type } from '@sinclair/typebox';
import { key } from './declared-key.js';
import { closed, name, text } from './toml-forms.js';

/** Pools that a fleet may have; each host shows all of them in its answers. */
const maxPools = 16;
/** Members that an etcd cluster has at most, and proxies before it. */
const maxEndpoints = 16;

const atRestart = 'A change waits for a restart.';
const bits = Type.BigInt({ minimum: 1n, maximum: 128n, description: 'an integer from 1 to 128' });

/** The table `[fleet]` of podnetd.toml. */
export const FleetTable = Type.Object(
  {
    pools: Type.Optional(
      key(
        Type.Array(
          Type.Object(
            { base: text, block: bits, size: bits },
            { ...closed, description: 'a table with base, block and size' },
          ),
          { minItems: 1, maxItems: maxPools, description: `a list of 1 to ${maxPools} tables` },
        ),
        {
          about:
            'What the hosts of a fleet share: each table has base, a CIDR of IPv4 or IPv6; block, the prefix length of the parts of which ' +
            'each belongs to one host; and size, the prefix length of the subnets that a host cuts from its own blocks when a request names none. ' +
            'base and block have to be the same on all hosts. Pools of [addresses] and containers.conf do not count for a family that has one here. ' +
            'A subnet that a request names inside of these pools has to lie in own blocks. ' +
            "A user's podnetd has the fleet of the user's file alone. With host_index a reload puts a change in force, with endpoints a restart.",
          default: 'none: the host shares no pools',
          since: '0.2.0',
        },
      ),
    ),
    host_index: Type.Optional(
      key(
        Type.BigInt({
          minimum: 0n,
          maximum: BigInt(Number.MAX_SAFE_INTEGER),
          description: 'an integer from 0',
        }),
        {
          about:
            'The number of this host, from 0, which no other host of the fleet has. Its own blocks are those of this number in each pool, and it needs no ' +
            'store. It does not go with endpoints. A host whose number changes keeps its networks, which then lie in the blocks of another one.',
          default: 'none',
          since: '0.2.0',
        },
      ),
    ),
    endpoints: Type.Optional(
      key(
        Type.Array(text, {
          minItems: 1,
          maxItems: maxEndpoints,
          description: `a list of 1 to ${maxEndpoints} URLs`,
        }),
        {
          about:
            'URLs of the members of an etcd cluster (version 3.4 or later), as "https://etcd1:2379". podnetd claims blocks there, and no request ' +
            `waits for it while own blocks have room. A podnetd with a store does not end when it is idle. ${atRestart}`,
          default: 'none',
          since: '0.2.0',
        },
      ),
    ),
    ca: Type.Optional(
      key(text, {
        about: `Absolute path of the certificates, in PEM, of the authorities that podnetd trusts for https endpoints. ${atRestart}`,
        default: "Node's own list",
        since: '0.2.0',
      }),
    ),
    cert: Type.Optional(
      key(text, {
        about: `Absolute path of podnetd's own certificate for https endpoints, in PEM. It needs key. ${atRestart}`,
        default: 'none',
        since: '0.2.0',
      }),
    ),
    key: Type.Optional(
      key(text, {
        about: `Absolute path of the private key of cert, in PEM. ${atRestart}`,
        default: 'none',
        since: '0.2.0',
      }),
    ),
    user: Type.Optional(
      key(name, {
        about: `Name of a user of etcd. It needs password_file. ${atRestart}`,
        default: 'none',
        since: '0.2.0',
      }),
    ),
    password_file: Type.Optional(
      key(text, {
        about: `Absolute path of a file whose first line is the password of user. podnetd shows and logs no password. ${atRestart}`,
        default: 'none',
        since: '0.2.0',
      }),
    ),
    prefix: Type.Optional(
      key(
        Type.String({
          pattern: '^(/[\\w.-]+)+$',
          maxLength: 128,
          description: 'a path such as "/podnetd", without a slash at its end and of at most 128 characters',
        }),
        {
          about: `What all keys of the fleet in etcd begin with. Hosts of one fleet have the same. ${atRestart}`,
          default: '"/podnetd"',
          since: '0.2.0',
        },
      ),
    ),
    host: Type.Optional(
      key(
        Type.String({
          pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
          description:
            'a name of at most 63 letters, digits, dots, hyphens and underscores that begins with a letter or digit',
        }),
        {
          about: `Id of this host in the fleet, which no other host has. ${atRestart}`,
          default:
            "32 hexadecimal digits that follow from the machine's machine-id(5), for a user also from the user's number",
          since: '0.2.0',
        },
      ),
    ),
    state_file: Type.Optional(
      key(text, {
        about:
          'Absolute path of the file in which podnetd keeps its own blocks, so that it needs no etcd for a start or a create. podnetd makes the file and its folder. ' +
          `The file belongs to one podnetd: a second one with the same file does not start. ${atRestart}`,
        default: '/var/lib/podnetd/fleet.json, or $XDG_STATE_HOME/podnetd/fleet.json for a user',
        since: '0.2.0',
      }),
    ),
  },
  { ...closed, description: 'a table' },
);
