import { isatty } from 'node:tty';

type Environment = Readonly<Record<string, string | undefined>>;

/** What standard output shows. */
export interface OutputForm {
  /** Columns. */
  readonly width: number;
  readonly hasColours: boolean;
  /** Whether it takes more than ASCII. */
  readonly hasUnicode: boolean;
}

/** Columns where no terminal says how many it has. */
const usualWidth = 80;

export function readOutputForm(env: Environment): OutputForm {
  const isTerminal = isatty(1);
  // A terminal that does not know its size says 0.
  const width = isTerminal ? process.stdout.columns || usualWidth : usualWidth;
  return { width, hasColours: hasColours(isTerminal, env), hasUnicode: hasUnicode(env) };
}

/** source: https://no-color.org */
export function hasColours(isTerminal: boolean, env: Environment): boolean {
  return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** source: POSIX.1-2017, Base Definitions, 8.2 (the order of the variables) */
function hasUnicode(env: Environment): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale);
}
