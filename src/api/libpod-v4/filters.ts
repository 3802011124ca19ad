import {
  byDangling,
  byDriver,
  byIdPrefixOrRegexp,
  byLabelAbsence,
  byLabelGlob,
  byName,
  byUntil,
  ownName,
} from '../../model/filter-rules.js';
import type { FilterVocabulary } from '../../model/filters.js';

/** source: containers/common libnetwork/util/filters.go@v0.50.1 */
export const v4PruneFilters: FilterVocabulary = new Map([
  ['label', byLabelGlob],
  ['label!', byLabelAbsence],
  ['until', byUntil],
]);

/** source: containers/common libnetwork/util/filters.go@v0.50.1 */
export const v4ListFilters: FilterVocabulary = new Map([
  ...v4PruneFilters,
  ['name', byName(ownName)],
  ['id', byIdPrefixOrRegexp],
  ['driver', byDriver],
  ['dangling', byDangling],
]);
