/** The command line of Node that runs a TypeScript file, whose path it has, without tap. */
export function programCommand(file: string): readonly [string, ...string[]] {
  return [process.execPath, `--import=${import.meta.resolve('./typescript.mjs')}`, file];
}
