import { parseGoBoolean } from '../model/go/boolean.js';

/** The words of a query that are true or false to the clients of a dialect. */
export interface Booleans {
  /** Undefined for a word that is neither. */
  read(text: string): boolean | undefined;
  /** Some of the words, for messages. */
  readonly words: readonly string[];
}

/** source: gorilla/schema@v1.2.0 converter.go convertBool */
export const goBooleans: Booleans = {
  read: (text) => (text === 'on' ? true : text === '' ? false : parseGoBoolean(text)),
  words: ['true', 'false', '1', '0'],
};

/** source: moby api/server/httputils/form.go@v28 BoolValue, to which every other word is true */
const dockerFalse: ReadonlySet<string> = new Set(['', '0', 'no', 'false', 'none']);

/** Docker's own words; true are the opposites of the false ones alone, so that a misspelt word does not pass. */
export const dockerBooleans: Booleans = {
  read(text) {
    const word = text.trim().toLowerCase();
    if (dockerFalse.has(word)) return false;
    return ['1', 'yes', 'true'].includes(word) ? true : goBooleans.read(text);
  },
  words: ['true', 'false', '1', '0', 'yes', 'no'],
};

/** Whether Docker takes a word for true. */
export function isDockerTrue(text = ''): boolean {
  return !dockerFalse.has(text.trim().toLowerCase());
}
