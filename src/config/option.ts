/** How a shell completes a value. */
export type Candidates = 'file' | 'folder' | 'group' | 'command' | 'none' | readonly string[];

export interface OptionValue {
  /** Its placeholder in a usage line, as `DIR`. */
  readonly name: string;
  readonly candidates: Candidates;
}

/** One flag of the command line, declared once; parsing, help, manual pages and completions are made from this. */
export interface OptionDeclaration {
  /** One letter, without its dash. */
  readonly short?: string;
  /** Absent: the flag takes no value. */
  readonly value?: OptionValue;
  readonly isRepeatable?: true;
  /** A phrase without a full stop; the first word is in lower case. */
  readonly description: string;
  /** As a reader sees it. */
  readonly default?: string;
  /** The version of podnetd that first had the flag. */
  readonly since: string;
}

export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;

/** The flags of one command line, by name without dashes; a flag without a value has an empty list. */
export type GivenOptions = ReadonlyMap<string, readonly string[]>;
