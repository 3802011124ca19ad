import { commonOptions, type ArgumentDeclaration, type Command } from '../../commands/command.js';
import { commands, defaultCommand, findCommand } from '../../commands/commands.js';
import { program } from '../../commands/program.js';
import { describeOption, formatArgument } from '../../commands/words.js';
import type { OptionDeclaration, OptionDeclarations } from '../../config/option.js';
import { bold, code, italic, item, page, paragraph, plain, section, subsection, type Roff } from './roff.js';
import { seeAlso } from './see-also.js';
import { finish } from './sentence.js';

/** podnetd(1). */
export function commandPage(): Roff {
  return page(
    { name: 'podnetd', section: 1, summary: program.summary },
    section('SYNOPSIS', ...commands.map((command) => synopsis(command))),
    section('DESCRIPTION', paragraph(plain(program.description)), paragraph(plain(about))),
    section(
      'COMMANDS',
      ...commands.map(describeCommand),
      subsection('Every command', ...Object.entries(commonOptions).map(([name, option]) => describeFlag(name, option))),
    ),
    section('SIGNALS', paragraph(plain(program.signals))),
    section('ENVIRONMENT', ...program.variables.map(([name, text]) => item(bold(name), plain(finish(text))))),
    section('EXIT STATUS', ...program.exits.map(([status, text]) => item(bold(status), plain(finish(text))))),
    section('FILES', ...program.files.map(([file, text]) => item(italic(file), plain(finish(text))))),
    section('EXAMPLES', ...program.examples.flatMap(([text, line]) => [paragraph(plain(finish(text))), code(line)])),
    seeAlso('podnetd(1)', 'podman(1)', 'systemd.socket(5)'),
  );
}

const about = `Without a command, podnetd does what podnetd ${defaultCommand} does. A command stands before its flags.`;

function synopsis({ name, arguments: args }: Command): Roff {
  const command = name === defaultCommand ? `[${bold(name)}]` : bold(name);
  const words = [
    bold('podnetd'),
    command,
    ...args.map((argument) => formatArgument(argument, emphasisOf(argument))),
    `[${italic('FLAGS')}]`,
  ];
  return `${name === defaultCommand ? '' : '.br\n'}${words.join(' ')}\n`;
}

/** A word to be typed as it is stands in bold, a placeholder in italics; source: man-pages(7). */
function emphasisOf({ candidates }: ArgumentDeclaration): (name: string) => Roff {
  return Array.isArray(candidates) ? bold : italic;
}

function describeCommand(command: Command): Roff {
  const flags = Object.entries(command.options);
  const shared = command.name === defaultCommand ? [] : flags.filter(([name, option]) => served[name] === option);
  return subsection(
    `podnetd ${command.name}`,
    ...[...command.description, `Since podnetd ${command.since}.`].map((text) => paragraph(plain(text))),
    ...command.arguments.map((argument) =>
      item(emphasisOf(argument)(argument.name), plain(finish(argument.description))),
    ),
    ...(shared.length === 0 ? [] : [paragraph(nameShared(shared.map(([name]) => name)))]),
    ...flags.filter((flag) => !shared.includes(flag)).map(([name, option]) => describeFlag(name, option)),
  );
}

/** The page has the description of these once. */
const served: OptionDeclarations = findCommand(defaultCommand)?.options ?? {};

function nameShared(names: readonly string[]): Roff {
  const flags = names.map((name) => bold(`--${name}`)).join(', ');
  return `${plain(`podnetd ${defaultCommand} has the description of these flags:`)} ${flags}.`;
}

function describeFlag(name: string, option: OptionDeclaration): Roff {
  const { short, value, since } = option;
  const term = `${short === undefined ? '' : `${bold(`-${short}`)}, `}${bold(`--${name}`)}`;
  return item(
    value === undefined ? term : `${term} ${italic(value.name)}`,
    plain(`${finish(describeOption(option))} Since podnetd ${since}.`),
  );
}
