import { bounds } from '../model/bounds.js';
import { NetworkError } from '../model/errors/errors.js';
import {
  compileFilters,
  type FilterClock,
  type FilterVocabulary,
  type NetworkFilter,
} from '../model/filters/filters.js';
import { isObject } from '../model/json-object.js';
import type { ErrorTexts } from './dialect.js';
import { JsonTextError, parseWholeJson } from './go/json-text.js';
import { withoutRepeats } from './go/repeated-members.js';

/**
 * Reads the `filters` of a list.
 *
 * @param text undefined when the query has none
 * @param uri the request's, for the error
 * @throws NetworkError filtersUnreadable, or as compileFilters
 */
export function readListFilters(
  text: string | undefined,
  vocabulary: FilterVocabulary,
  uri: string,
  clock: FilterClock = readClock(),
): NetworkFilter {
  return compileFilters(readFilterTerms(text, uri), vocabulary, clock);
}

/** The values of each key as it was spelled. @throws NetworkError filtersUnreadable */
export function readFilterTerms(text: string | undefined, uri: string): Terms {
  return parseFilters(text, (reason) => new NetworkError('filtersUnreadable', { reason, uri }));
}

/**
 * As readListFilters, for a prune.
 *
 * @throws NetworkError pruneFiltersUnreadable, or as compileFilters
 */
export function readPruneFilters(
  text: string | undefined,
  vocabulary: FilterVocabulary,
  clock: FilterClock = readClock(),
): NetworkFilter {
  const terms = parseFilters(text, (reason) => new NetworkError('pruneFiltersUnreadable', { reason }));
  return compileFilters(terms, vocabulary, clock);
}

/** The words of every dialect for a list's; source: podman pkg/api/handlers/libpod/networks.go@v4.3.1 */
export const listFilterTexts: ErrorTexts = {
  filtersUnreadable: ({ reason, uri }) => ({
    message: `failed to parse parameters for ${uri}: ${reason}`,
    cause: reason,
  }),
};

export function readClock(): FilterClock {
  const now = new Date();
  return { nowNs: BigInt(now.getTime()) * 1_000_000n, zoneOffsetMinutes: -now.getTimezoneOffset() };
}

type Terms = ReadonlyMap<string, readonly string[]>;

function parseFilters(text: string | undefined, unreadable: (reason: string) => NetworkError): Terms {
  if (text === undefined) return new Map();
  try {
    // A map of Go's, whose values are decoded anew each time.
    const value = withoutRepeats(parseWholeJson(text));
    return refuseMore(readFlags(value) ?? readLists(value));
  } catch (error) {
    if (error instanceof JsonTextError) throw unreadable(error.message);
    throw error;
  }
}

/** @throws NetworkError filterValuesTooMany */
function refuseMore(terms: Terms): Terms {
  const count = [...terms.values()].reduce((sum, values) => sum + values.length, 0);
  const limit = bounds.filterValues;
  if (count > limit) throw new NetworkError('filterValuesTooMany', { count, limit });
  return terms;
}

/** Docker's older form, `{"key":{"value":true}}`. @returns undefined when it is another; source: podman pkg/util/filters.go@v4.3.1 */
function readFlags(value: unknown): Terms | undefined {
  const terms = new Map<string, readonly string[]>();
  for (const [key, flags] of isObject(value) ? Object.entries(value) : []) {
    if (flags === null) continue;
    if (!isObject(flags)) return undefined;
    const entries = Object.entries(flags);
    if (!entries.every(([, flag]) => typeof flag === 'boolean' || flag === null)) return undefined;
    terms.set(
      key,
      entries.filter(([, flag]) => flag === true).map(([name]) => name),
    );
  }
  return isObject(value) || value === null ? terms : undefined;
}

/** `{"key":["value"]}`, with the words of Go's json.Unmarshal for anything else. */
function readLists(value: unknown): Terms {
  if (!isObject(value)) throw mismatch(value, 'map[string][]string');
  const terms = new Map<string, readonly string[]>();
  for (const [key, values] of Object.entries(value)) {
    if (values === null) continue;
    if (!Array.isArray(values)) throw mismatch(values, '[]string');
    terms.set(key, values.map(readValue));
  }
  return terms;
}

/** Go leaves the empty string where a list has `null`. */
function readValue(value: unknown): string {
  if (value === null) return '';
  if (typeof value !== 'string') throw mismatch(value, 'string');
  return value;
}

function mismatch(value: unknown, goType: string): JsonTextError {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return new JsonTextError(`json: cannot unmarshal ${kind} into Go value of type ${goType}`);
}
