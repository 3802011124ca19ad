import { StampedText } from './stamped-text.js';

/** Bytes; a larger database gives no names. */
const longestDatabase = 1_048_576;

/** The names of a database with lines as `name:password:number:…`. source: passwd(5), group(5) */
export class NameTable {
  readonly #file: StampedText;
  #text: string | undefined;
  #names: ReadonlyMap<number, string> = new Map();

  constructor(file: string) {
    this.#file = new StampedText(file, longestDatabase);
  }

  /** The first name with a number; undefined when the file has none. */
  nameOf(id: number): string | undefined {
    const text = this.#file.read();
    if (text !== this.#text) {
      this.#text = text;
      const entries = text.split('\n').map((line) => line.split(':'));
      this.#names = new Map(entries.toReversed().map(([name = '', , number]) => [Number(number ?? -1), name]));
    }
    return this.#names.get(id);
  }
}
