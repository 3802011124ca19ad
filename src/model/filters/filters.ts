import { NetworkError } from '../errors/errors.js';
import type { Network } from '../network.js';

/** The facts of a network that filters look at. */
export interface FilterSubject {
  readonly network: Network;
  /** Types of the plugins, in the order of the chain. */
  readonly pluginTypes: readonly string[];
  /** Whether it is the default network, which no client makes. */
  readonly isDefault: boolean;
  /** Whether a container is on it, or it is the default network. */
  isInUse(): boolean;
}

/** Whether a network is wanted. */
export type NetworkFilter = (subject: FilterSubject) => boolean;

export const acceptAll: NetworkFilter = () => true;

/** The present time for filters. */
export interface FilterClock {
  /** Nanoseconds since the epoch. */
  readonly nowNs: bigint;
  /** Minutes east of Greenwich, for times that name no zone. */
  readonly zoneOffsetMinutes: number;
}

/** The values that a key was given, and the key as the caller spelled it. */
export interface FilterTerm {
  readonly key: string;
  /** At least one. */
  readonly values: readonly string[];
  readonly clock: FilterClock;
}

/**
 * The meaning of one key.
 *
 * @throws NetworkError invalid
 */
export type FilterRule = (term: FilterTerm) => NetworkFilter;

/** The keys that a dialect knows, in lower case. */
export type FilterVocabulary = ReadonlyMap<string, FilterRule>;

/**
 * One filter of all keys: a network is wanted when every key wants it. Keys match in any case; a key without values asks nothing.
 *
 * @throws NetworkError filterUnknown, or what a rule throws
 */
export function compileFilters(
  terms: ReadonlyMap<string, readonly string[]>,
  vocabulary: FilterVocabulary,
  clock: FilterClock,
): NetworkFilter {
  const filters = [...terms]
    .filter(([, values]) => values.length > 0)
    .map(([key, values]) => {
      const rule = vocabulary.get(key.toLowerCase());
      if (rule === undefined) throw new NetworkError('filterUnknown', { filter: key, known: [...vocabulary.keys()] });
      return rule({ key, values, clock });
    });
  if (filters.length === 0) return acceptAll;
  return (subject) => filters.every((filter) => filter(subject));
}
