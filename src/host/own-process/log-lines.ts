/** How a JSON line of pino is written. @param level pino's number */
export type ShapeLine = (line: string, level: number) => string;

/** Makes pino set `lastLevel` of a destination before each write. source: pino docs/api.md@v10, pino.symbols.needsMetadataGsym */
const needsMetadata: unique symbol = Symbol.for('pino.metadata');

/** A destination of pino that shapes each line before another one writes it. */
export class LogLines {
  readonly [needsMetadata] = true;
  lastLevel = 0;

  constructor(
    private readonly output: { write(line: string): void },
    private readonly shape: ShapeLine,
  ) {}

  write(line: string): void {
    this.output.write(this.shape(line, this.lastLevel));
  }
}
