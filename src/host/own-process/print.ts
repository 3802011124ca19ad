import * as fs from 'node:fs';
import { codeOf, reasonOf } from '../native-error.js';
import { addPriority, isJournal } from './journal.js';

/** Of pino. */
const errorLevel = 50;

/** Milliseconds until the next try on a pipe that is full and does not wait. */
const retryMs = 5;

/** Writes a text to standard output, not through `process.stdout`, whose failure would end the process with a stack. @throws PrintError */
export function print(text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      // A pipe takes a part of a long text.
      written += fs.writeSync(1, bytes, written);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw new PrintError(`standard output: ${reasonOf(error)}`, { cause: error });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
    }
  }
}

/** Writes a line to standard error. A failure is ignored, because there is no other place to report it. */
export function complain(message: string): void {
  try {
    const line = `podnetd: ${message}\n`;
    fs.writeSync(2, isJournal(2, process.env['JOURNAL_STREAM']) ? addPriority(line, errorLevel) : line);
  } catch {
    // The exit code remains.
  }
}

export class PrintError extends Error {
  override readonly name = 'PrintError';
}
