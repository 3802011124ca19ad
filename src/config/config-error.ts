export interface ErrorPlace {
  readonly file: string;
  /** From 1; undefined where it is not known. */
  readonly line: number | undefined;
}

/** A fault of flags or files, in one line that names file, line, key or flag; the process ends with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** Of the fault, where it is in a file. */
  readonly place: ErrorPlace | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly place?: ErrorPlace }) {
    super(escapeControls(message), options);
    this.place = options?.place;
  }

  /** The message without its place. */
  get rule(): string {
    if (this.place === undefined) return this.message;
    const { file, line } = this.place;
    const prefix = escapeControls(line === undefined ? `${file}: ` : `${file}:${line}: `);
    return this.message.startsWith(prefix) ? this.message.slice(prefix.length) : this.message;
  }
}

/** Paths and values come from outside and may hold line breaks or terminal escapes. */
export function escapeControls(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028\u2029]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
