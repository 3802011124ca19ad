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
      'Other settings come from containers.conf, as for Podman: see podnetd-containers.conf(5). Flags win.',
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
