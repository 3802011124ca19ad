import type { Candidates, OptionDeclarations } from '../config/option.js';

export interface ArgumentDeclaration {
  /** As in a usage line: `COMMAND`. */
  readonly name: string;
  readonly description: string;
  readonly candidates: Candidates;
  readonly isRequired?: true;
  /** Of the last argument: more of its kind may follow. */
  readonly isRepeatable?: true;
}

/** One command, declared once; parsing, help, manual pages and completions are made from this. */
export interface Command {
  readonly name: string;
  /** A phrase without a full stop; the first word is a verb in lower case. */
  readonly summary: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  /** In their order; those that are required come first. */
  readonly arguments: readonly ArgumentDeclaration[];
  readonly options: OptionDeclarations;
  /** The version of podnetd that first had the command. */
  readonly since: string;
}

/** What every command understands. */
export const commonOptions = {
  help: { short: 'h', description: 'print the help of the command and exit', since: '0.1.0' },
} as const satisfies OptionDeclarations;

/** All flags of a command, in the order of its help. */
export function optionsOf(command: Command): OptionDeclarations {
  return { ...command.options, ...commonOptions };
}
