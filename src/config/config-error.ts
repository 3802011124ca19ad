/** What is wrong with flags or files, in one line that names file, line, key or flag; the process ends with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
