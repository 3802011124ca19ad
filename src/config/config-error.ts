/** A fault of flags or files, in one line that names file, line, key or flag; the process ends with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(message: string, options?: ErrorOptions) {
    super(escapeControls(message), options);
  }
}

/** Paths and values come from outside and may hold line breaks or terminal escapes. */
export function escapeControls(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028\u2029]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
