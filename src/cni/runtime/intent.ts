import { isObject, textOf, type JsonObject } from '../../model/json-object.js';
import { CacheEntryError, decodeCacheEntry, encodeCacheEntry, type CacheEntry } from '../attachments/cache-entry.js';

/** What is about to be done to one attachment, written down so that it can be undone or ended by another process. */
export interface Intent {
  readonly operation: 'add' | 'delete';
  /** `result` is the last one that a plugin gave; empty before the first. */
  readonly entry: CacheEntry;
  /** Why it could be neither ended nor undone; undefined while somebody is at it. */
  readonly failure?: string | undefined;
}

/** A line for the intent, and one more for each result that is known later. */
export function encodeIntent({ operation, entry }: Intent): string {
  return `${JSON.stringify({ operation, entry: encodeCacheEntry(entry) })}\n`;
}

export function encodeProgress(result: JsonObject): string {
  return `${JSON.stringify({ result })}\n`;
}

export function encodeFailure(failure: string): string {
  return `${JSON.stringify({ failure })}\n`;
}

/** The last line may be torn. @param fileName that it was found under @throws CacheEntryError */
export function decodeIntent(text: string, fileName: string): Intent {
  const [first = '', ...later] = text.split('\n');
  const head = parseHead(first);
  const entry = decodeCacheEntry(textOf(head['entry']), fileName);
  let { result } = entry;
  let failure: string | undefined;
  for (const line of later) {
    try {
      const told = parse(line);
      if (isObject(told['result'])) ({ result } = told as { result: JsonObject });
      failure = textOf(told['failure']) || failure;
    } catch {
      break;
    }
  }
  return { operation: head['operation'] === 'delete' ? 'delete' : 'add', entry: { ...entry, result }, failure };
}

function parseHead(line: string): JsonObject {
  try {
    return parse(line);
  } catch (error) {
    throw new CacheEntryError((error as SyntaxError).message, undefined, error);
  }
}

function parse(line: string): JsonObject {
  const value: unknown = JSON.parse(line);
  return isObject(value) ? value : {};
}
