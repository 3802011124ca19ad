import { bounds } from '../../model/bounds.js';
import { measureJson } from '../../model/json-extent.js';
import { isObject, type JsonObject } from '../../model/json-object.js';

/** Why podnetd cannot use a file. */
export interface FileFault {
  readonly reason: string;
  /** Counted from 1, where it is known. */
  readonly line?: number | undefined;
}

/** The error for a file that is no CNI configuration; the message is libcni's where libcni has one. */
export class DecodeError extends Error implements FileFault {
  override readonly name = 'DecodeError';

  constructor(
    readonly reason: string,
    readonly line?: number,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** libcni's words for the two kinds of files. */
export type Configuration = 'configuration list' | 'configuration';

/** @throws DecodeError when the text is not a JSON object */
export function parseObject(text: string, what: Configuration): JsonObject {
  const { depth, values } = text.length > Math.min(maxDepth, bounds.fileValues) ? measureJson(text, maxDepth) : small;
  if (values > bounds.fileValues) {
    throw new DecodeError(`error parsing ${what}: it has ${values} values, at most ${bounds.fileValues} are read`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = `error parsing ${what}: ${(error as SyntaxError).message}`;
    throw new DecodeError(reason, lineOfFault(text, error as SyntaxError), { cause: error });
  }
  if (!isObject(value)) throw new DecodeError(`error parsing ${what}: ${describe(value)} is not an object`);
  // Code that prints or walks the object may be recursive.
  if (depth > maxDepth) throw new DecodeError(`error parsing ${what}: exceeded max depth`);
  return value;
}

/** source: Go encoding/json scanner.go@go1.15 (maxNestingDepth) */
const maxDepth = 10_000;

/** Extent of a text with fewer characters than any bound: each value and each level takes a character, so no bound is exceeded. */
const small = { depth: 0, values: 0 };

/** @returns the line of the position that the parser reports, the last line if the text ends too early, else undefined */
function lineOfFault(text: string, { message }: SyntaxError): number | undefined {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position === undefined && !message.includes('end of JSON input')) return undefined;
  return text.slice(0, position === undefined ? undefined : Number(position)).split('\n').length;
}

/** The JSON type of a value, for messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
