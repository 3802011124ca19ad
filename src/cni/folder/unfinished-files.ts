import { isYoung, type FileStamp } from '../../host/files/file-stamp.js';
import type { DecodedFile } from '../conflist/decode.js';
import type { DecodeError, FileFault } from '../conflist/file-fault.js';

interface UnfinishedFile {
  readonly text: string;
  readonly error: DecodeError;
  readonly problem: FileFault;
}

/** Files that may be half-written: their faults are no fact yet, and their former content still counts. Every look reads them again. */
export class UnfinishedFiles {
  readonly #files = new Map<string, UnfinishedFile>();

  get names(): Iterable<string> {
    return this.#files.keys();
  }

  problemOf(fileName: string): FileFault | undefined {
    return this.#files.get(fileName)?.problem;
  }

  /** Decodes a text, unless its fault is known from the last look, because a large file takes long to parse. @throws DecodeError */
  decode(fileName: string, text: string, decode: () => DecodedFile): DecodedFile {
    const known = this.#files.get(fileName);
    if (known?.text === text) throw known.error;
    return decode();
  }

  /** Notes a file with a fault. @returns false, and forgets the file, when it is too old to be half-written */
  note(fileName: string, text: string, stamp: FileStamp, error: DecodeError): boolean {
    this.forget(fileName);
    if (!isYoung(stamp)) return false;
    const reason = `${error.reason} (changed less than a second ago: it may be half-written)`;
    this.#files.set(fileName, { text, error, problem: { reason, line: error.line } });
    return true;
  }

  forget(fileName: string): void {
    this.#files.delete(fileName);
  }
}
