import { asObject, isObject, textOf, type JsonObject } from '../../model/json-object.js';
import { CacheEntryError, decodeCacheEntry, encodeCacheEntry, type CacheEntry } from '../attachments/cache-entry.js';

/** An operation on one attachment, written down before it begins so that another process can undo or end it. */
export interface Intent {
  readonly operation: 'add' | 'delete';
  /** Its `result` is that of the last plugin that ran; empty before the first. */
  readonly entry: CacheEntry;
  /** Why podnetd could neither end nor undo it; undefined before that failed. */
  readonly failure?: string | undefined;
}

/** The first line of an intent's file; {@link encodeProgress} gives one more for each later result. */
export function encodeIntent({ operation, entry }: Intent): string {
  return `${JSON.stringify({ operation, entry: encodeCacheEntry(entry) })}\n`;
}

export function encodeProgress(result: JsonObject): string {
  return `${JSON.stringify({ result })}\n`;
}

export function encodeFailure(failure: string): string {
  return `${JSON.stringify({ failure })}\n`;
}

/** Reads the file of an intent, whose last line may be torn. @throws CacheEntryError */
export function decodeIntent(text: string, fileName: string): Intent {
  const [first = '', ...later] = text.split('\n');
  const head = parseHead(first);
  const entry = decodeCacheEntry(textOf(head['entry']), fileName);
  let { result } = entry;
  let failure: string | undefined;
  for (const line of later) {
    try {
      const progress = parse(line);
      if (isObject(progress['result'])) ({ result } = progress as { result: JsonObject });
      failure = textOf(progress['failure']) || failure;
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
  return asObject(JSON.parse(line));
}
