import { NetworkError } from '../../model/errors/errors.js';
import { codeOf } from '../native-error.js';
import { isSameStamp, isSettling, type FileStamp } from './file-stamp.js';
import { readFile, readStamp } from './read-file.js';

/** The text of one file, which costs two calls of stat while the file stays the same. */
export class StampedText {
  #text = '';
  #stamp: FileStamp | undefined;

  /** @param limitBytes a larger file counts as empty */
  constructor(
    private readonly file: string,
    private readonly limitBytes: number,
  ) {}

  /** The current text; empty for a file that is not there or cannot be read, the last one while podnetd cannot look. */
  read(): string {
    try {
      if (this.#isUnchanged()) return this.#text;
      const found = readFile(this.file, this.limitBytes);
      this.#stamp = found?.stamp;
      this.#text = found !== undefined && 'text' in found ? found.text : '';
    } catch (error) {
      // The folder is closed, or podnetd lacks descriptors or memory.
      if (!(error instanceof NetworkError) && codeOf(error) === undefined) throw error;
    }
    return this.#text;
  }

  #isUnchanged(): boolean {
    if (this.#stamp === undefined || isSettling(this.#stamp)) return false;
    const now = readStamp(this.file);
    return now !== undefined && isSameStamp(now, this.#stamp);
  }
}
