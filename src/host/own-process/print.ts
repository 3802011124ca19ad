import * as fs from 'node:fs';
import { reasonOf } from '../native-error.js';
import { addPriority, isJournal } from './journal.js';

/** Of pino. */
const errorLevel = 50;

/** Writes a short text to standard output, not through `process.stdout`, whose failure would end the process with a stack. @throws PrintError */
export function print(text: string): void {
  try {
    fs.writeSync(1, text);
  } catch (error) {
    throw new PrintError(`standard output: ${reasonOf(error)}`, { cause: error });
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
