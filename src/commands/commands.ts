import { flagDeclarations } from '../config/flags.js';
import type { Command } from './command.js';

/** The command that `podnetd` without a command runs. */
export const defaultCommand = 'serve';

/** Every command of podnetd. A new one is an entry here, and a function in `main.ts` that runs it. */
export const commands = [
  {
    name: defaultCommand,
    summary: 'serve the API on Unix sockets until a signal',
    description: [
      'Serves the network API of Podman and Docker on Unix sockets, over CNI configuration files. A bare podnetd does the same.',
      'Other settings come from containers.conf, as for Podman, and from podnetd.toml: see podnetd-containers.conf(5) and podnetd.toml(5). ' +
        'Flags win.',
    ],
    arguments: [],
    options: {
      ...flagDeclarations,
      version: { description: 'print the version and exit', since: '0.1.0' },
    },
    since: '0.2.0',
  },
  {
    name: 'config',
    summary: 'print the settings in force, and where each comes from',
    description: [
      'Prints each setting that podnetd serve with the same flags, environment and files would have, and its origin: a flag, a ' +
        'variable of the environment, a file with line and key, or the default. A wrong flag or file ends it with exit status 2.',
    ],
    arguments: [],
    options: {
      ...flagDeclarations,
      json: { description: 'print a list of objects with name, value and origins', since: '0.2.0' },
    },
    since: '0.2.0',
  },
  {
    name: 'map',
    summary: 'draw the pools that subnets come from, and who has their blocks',
    description: [
      'Draws each pool: the blocks that networks have, that are reserved, that an interface, a route or a DNS server of this host ' +
        'has, and that are free. A pool of which more than nine tenths are taken is marked.',
      'Asks the daemon on the usual socket. Where no daemon listens there, podnetd map reads the folder of networks and the tables of ' +
        'the kernel itself; it takes no lock and writes nothing. The map says which of the two it shows.',
    ],
    arguments: [],
    options: {
      json: { description: 'print an object with the numbers and holders of every pool', since: '0.2.0' },
      html: {
        value: { name: 'FILE', candidates: 'file' },
        description: 'write a page of its own, without a script, instead; a file that is there is replaced',
        since: '0.2.0',
      },
      fleet: { description: 'draw the pools of the fleet, and which host has their blocks', since: '0.2.0' },
      socket: {
        value: { name: 'unix:///PATH', candidates: 'file' },
        description: 'socket of the daemon to ask, which has to answer',
        since: '0.2.0',
      },
      'cni-config-dir': {
        ...flagDeclarations['cni-config-dir'],
        description: 'folder of the conflists to read; then podnetd asks no daemon',
        since: '0.2.0',
      },
      config: {
        ...flagDeclarations.config,
        description:
          'settings of podnetd for the look into the folder, in the place of podnetd.toml; then podnetd asks no daemon',
      },
    },
    since: '0.2.0',
  },
  {
    name: 'audit',
    summary: 'check that an audit file lacks no line and that none was changed',
    description: [
      'Follows the chain of an audit file, through rotated files with the oldest first, and prints where a line is missing, ' +
        'changed, inserted, moved or torn, which requests have no outcome, and at the end the number and hash of the last line.',
      'Exit status 0: the chain is whole. 1: it is not. 2: a file cannot be read. Lines that were cut off at the end leave no trace in the ' +
        'file: compare the last line with the number and hash that podnetd logs when it opens and closes the file.',
    ],
    arguments: [
      { name: 'verify', description: 'the only action on the files', candidates: ['verify'], isRequired: true },
      {
        name: 'FILE',
        description: 'audit files, the oldest first',
        candidates: 'file',
        isRequired: true,
        isRepeatable: true,
      },
    ],
    options: {},
    since: '0.2.0',
  },
  {
    name: 'doctor',
    summary: 'show what is wrong with the networks, and repair what is safe',
    description: [
      'Looks at the folder of networks, the plugins, the tables of the kernel, the rules of iptables, the attachments, leases and processes, and shows each ' +
        'finding with its code, its severity, why it matters, and the remedy. A finding that follows from another stands below that one. podnetd-doctor(7) has all codes.',
      'Asks the daemon on the usual socket. Where no daemon listens there, or with --fix, --dry-run or a flag for a folder, podnetd doctor looks itself; without ' +
        '--fix it writes nothing.',
      'The exit status is 0 where nothing is wrong, or nothing but notes; 1 where something is; 2 where podnetd could not look.',
    ],
    arguments: [],
    options: {
      json: { description: 'print an object with the findings', since: '0.2.0' },
      fix: {
        description:
          'repair what can be repaired without harm to containers that live, and to files, links and rules of other programs; then look again',
        since: '0.2.0',
      },
      'dry-run': { description: 'show what --fix would repair, and change nothing', since: '0.2.0' },
      only: {
        value: { name: 'CODE', candidates: 'none' },
        isRepeatable: true,
        description: 'show and repair findings of this code alone',
        since: '0.2.0',
      },
      socket: {
        value: { name: 'unix:///PATH', candidates: 'file' },
        description: 'socket of the daemon to ask, which has to answer',
        since: '0.2.0',
      },
      'cni-config-dir': flagDeclarations['cni-config-dir'],
      'cni-plugin-dir': flagDeclarations['cni-plugin-dir'],
      'cni-cache-dir': flagDeclarations['cni-cache-dir'],
      config: flagDeclarations.config,
    },
    since: '0.2.0',
  },
  {
    name: 'fleet',
    summary: 'show the hosts of a fleet, or release one that is gone',
    description: [
      'With status, prints the hosts of the fleet, their heartbeats and blocks, and what collides. It asks the daemon on the usual socket. Where no ' +
        'daemon listens there, it reads the file of own blocks and asks the store itself.',
      'With release, gives back all blocks of a host that is gone for good, by its id. It shows them and asks first; without a terminal it wants ' +
        '--yes. It refuses a host whose heartbeat lives. Exit status 1: the user said no, or podnetd could give nothing back.',
    ],
    arguments: [
      {
        name: 'ACTION',
        description: 'status, or release',
        candidates: ['status', 'release'],
        isRequired: true,
      },
      { name: 'HOST', description: 'of release: the id of the host, as status prints it', candidates: 'none' },
    ],
    options: {
      json: { description: 'of status: print an object with all that is known', since: '0.2.0' },
      yes: { description: 'of release: do it without a question', since: '0.2.0' },
      socket: {
        value: { name: 'unix:///PATH', candidates: 'file' },
        description: 'of status: socket of the daemon to ask, which has to answer',
        since: '0.2.0',
      },
      config: {
        ...flagDeclarations.config,
        description: 'settings of podnetd, in the place of podnetd.toml; then podnetd asks no daemon',
      },
    },
    since: '0.2.0',
  },
  {
    name: 'help',
    summary: 'print what podnetd or one of its commands does',
    description: ['Prints the list of commands, or the help of one command, as podnetd COMMAND --help does.'],
    arguments: [{ name: 'COMMAND', description: 'the command to explain', candidates: 'command' }],
    options: {},
    since: '0.2.0',
  },
  {
    name: 'version',
    summary: 'print the version of podnetd',
    description: [
      'Prints one line: the version of podnetd, the commit that it was built from, and the version of Node.',
    ],
    arguments: [],
    options: {},
    since: '0.2.0',
  },
] as const satisfies readonly Command[];

export type CommandName = (typeof commands)[number]['name'];

export function findCommand(name: string): (typeof commands)[number] | undefined {
  return commands.find((command) => command.name === name);
}
