import { optionsOf, type Command } from '../../commands/command.js';
import { commands } from '../../commands/commands.js';
import type { OptionDeclaration } from '../../config/option.js';

/** A flag with its name. */
export type Flag = OptionDeclaration & { readonly name: string };

export function commandsOf(): readonly Command[] {
  return commands;
}

export function flagsOf(command: Command): readonly Flag[] {
  return Object.entries(optionsOf(command)).map(([name, option]) => ({ name, ...option }));
}

/** One word of a POSIX shell, of bash and of zsh. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
