export interface ErrorPlace {
  readonly file: string;
  /** From 1; undefined where it is not known. */
  readonly line: number | undefined;
}

interface ConfigErrorOptions extends ErrorOptions {
  readonly place?: ErrorPlace;
  readonly rule?: string;
}

/** A fault of flags or files, in one line that names file, line, key or flag; the process ends with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** Of the fault, where it is in a file. */
  readonly place: ErrorPlace | undefined;
  /** The message, without its place where it begins with one. */
  readonly rule: string;

  constructor(message: string, { place, rule = message, ...options }: ConfigErrorOptions = {}) {
    super(escapeControls(message), options);
    this.place = place;
    this.rule = escapeControls(rule);
  }

  /** An error whose message is the place and the rule. */
  static at(place: ErrorPlace, rule: string, options?: ErrorOptions): ConfigError {
    const { file, line } = place;
    return new ConfigError(`${file}${line === undefined ? '' : `:${line}`}: ${rule}`, { ...options, place, rule });
  }
}

/** Paths and values come from outside and may hold line breaks or terminal escapes. */
export function escapeControls(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028\u2029]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
