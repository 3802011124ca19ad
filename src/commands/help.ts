import { ConfigError } from '../config/config-error.js';
import { formatTerms, wrap } from './columns.js';
import { optionsOf, type Command } from './command.js';
import { commands, defaultCommand, findCommand } from './commands.js';
import { findNearest } from './nearest.js';
import { program } from './program.js';
import { describeOption, formatOption, formatUsage } from './words.js';

/** @param name of a command; undefined for the overview @throws ConfigError */
export function printHelp(name: string | undefined): string {
  if (name === undefined) return printOverview();
  const command: Command | undefined = findCommand(name);
  if (command !== undefined) return printCommand(command);
  const nearest = findNearest(
    name,
    commands.map((one) => one.name),
  );
  const hint = nearest === undefined ? '' : `, the nearest is ${nearest}`;
  throw new ConfigError(`${name}: no such command${hint}; see podnetd help`);
}

function printOverview(): string {
  const served: Command | undefined = findCommand(defaultCommand);
  return [
    `Usage: podnetd [COMMAND] [FLAGS]\n`,
    paragraph(program.description),
    `Commands (podnetd alone means podnetd ${defaultCommand}):\n${formatTerms(commands.map(({ name, summary }) => [name, summary]))}`,
    ...(served === undefined ? [] : [`Flags of ${defaultCommand}:\n${formatFlags(served)}`]),
    paragraph(`podnetd COMMAND --help prints the flags of a command. Manual pages: ${program.pages.join(', ')}.`),
  ].join('\n');
}

function printCommand(command: Command): string {
  const { description, arguments: args } = command;
  return [
    `Usage: ${formatUsage(command)}\n`,
    ...description.map(paragraph),
    ...(args.length === 0 ? [] : [`Arguments:\n${formatTerms(args.map((one) => [one.name, one.description]))}`]),
    `Flags:\n${formatFlags(command)}`,
  ].join('\n');
}

function paragraph(text: string): string {
  return `${wrap(text).join('\n')}\n`;
}

function formatFlags(command: Command): string {
  const options = Object.entries(optionsOf(command));
  return formatTerms(options.map(([name, option]) => [formatOption(name, option), describeOption(option)]));
}
