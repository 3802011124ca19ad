import { optionsOf, type Command } from '../../commands/command.js';
import { commands, defaultCommand } from '../../commands/commands.js';
import { program } from '../../commands/program.js';
import { describeOption } from '../../commands/words.js';
import type { OptionDeclaration } from '../../config/option.js';
import { bold, code, italic, item, page, paragraph, plain, reference, section, subsection, type Roff } from './roff.js';
import { finish } from './sentence.js';

/** podnetd(1). */
export function commandPage(): Roff {
  return page(
    { name: 'podnetd', section: 1, summary: program.summary },
    section('SYNOPSIS', ...commands.map((command) => synopsis(command))),
    section('DESCRIPTION', paragraph(plain(program.description)), paragraph(plain(about))),
    section('COMMANDS', ...commands.map(describeCommand)),
    section('SIGNALS', paragraph(plain(program.signals))),
    section('ENVIRONMENT', ...program.variables.map(([name, text]) => item(bold(name), plain(finish(text))))),
    section('EXIT STATUS', ...program.exits.map(([status, text]) => item(bold(status), plain(finish(text))))),
    section('FILES', ...program.files.map(([file, text]) => item(italic(file), plain(finish(text))))),
    section('EXAMPLES', ...program.examples.flatMap(([text, line]) => [paragraph(plain(finish(text))), code(line)])),
    section('SEE ALSO', paragraph(seeAlso.map(reference).join(', '))),
  );
}

const about = `Without a command, podnetd does what podnetd ${defaultCommand} does. A command stands before its flags.`;
const seeAlso = [...program.pages.filter((name) => name !== 'podnetd(1)'), 'podman(1)', 'systemd.socket(5)'];

function synopsis({ name, arguments: args }: Command): Roff {
  const command = name === defaultCommand ? `[${bold(name)}]` : bold(name);
  const words = [
    bold('podnetd'),
    command,
    ...args.map(({ name: word, isRepeatable }) => `[${italic(word)}]${isRepeatable === true ? '...' : ''}`),
    `[${italic('FLAGS')}]`,
  ];
  return `${name === defaultCommand ? '' : '.br\n'}${words.join(' ')}\n`;
}

function describeCommand(command: Command): Roff {
  return subsection(
    `podnetd ${command.name}`,
    ...[...command.description, `Since podnetd ${command.since}.`].map((text) => paragraph(plain(text))),
    ...command.arguments.map(({ name, description }) => item(italic(name), plain(finish(description)))),
    ...Object.entries(optionsOf(command)).map(([name, option]) => describeFlag(name, option)),
  );
}

function describeFlag(name: string, option: OptionDeclaration): Roff {
  const { short, value, since } = option;
  const term = `${short === undefined ? '' : `${bold(`-${short}`)}, `}${bold(`--${name}`)}`;
  return item(
    value === undefined ? term : `${term} ${italic(value.name)}`,
    plain(`${finish(describeOption(option))} Since podnetd ${since}.`),
  );
}
