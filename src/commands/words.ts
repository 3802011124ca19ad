import type { OptionDeclaration } from '../config/option.js';
import type { ArgumentDeclaration, Command } from './command.js';

/** The words for a command that help, manual pages and completions share. */

/** `-h, --help` or `--listen unix:///PATH` */
export function formatOption(name: string, { short, value }: OptionDeclaration): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value.name}`}`;
}

/** What a flag does, whether it may be repeated, the values that it takes, and its default. */
export function describeOption(option: OptionDeclaration): string {
  const { description, value, isRepeatable, default: byDefault } = option;
  const notes = [
    ...(isRepeatable === true ? ['may be repeated'] : []),
    ...(Array.isArray(value?.candidates) ? [`one of ${value.candidates.join(', ')}`] : []),
    ...(byDefault === undefined ? [] : [`default ${byDefault}`]),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}

/** `[COMMAND]` or `FILE...` @param emphasize marks the name for a medium */
export function formatArgument(
  { name, isRequired, isRepeatable }: ArgumentDeclaration,
  emphasize: (name: string) => string = (plain) => plain,
): string {
  const word = isRequired === true ? emphasize(name) : `[${emphasize(name)}]`;
  return `${word}${isRepeatable === true ? '...' : ''}`;
}

/** `podnetd help [COMMAND] [FLAGS]` */
export function formatUsage(command: Command): string {
  return ['podnetd', command.name, ...command.arguments.map((argument) => formatArgument(argument)), '[FLAGS]'].join(
    ' ',
  );
}
