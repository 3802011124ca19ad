import {
  byDangling,
  byDriver,
  byIdPrefixOrRegexp,
  byLabelAbsence,
  byLabelGlob,
  byUntil,
} from '../../model/filters/filter-rules.js';
import type { FilterVocabulary } from '../../model/filters/filters.js';

/** What Podman 4 and 5 know in both of their APIs; source: containers/common libnetwork/util/filters.go@v0.50.1 */
export const podman4PruneFilters: FilterVocabulary = new Map([
  ['label', byLabelGlob],
  ['label!', byLabelAbsence],
  ['until', byUntil],
]);

/** Less `name`: what a network is called differs between the APIs. */
export const podman4ListFilters: FilterVocabulary = new Map([
  ...podman4PruneFilters,
  ['id', byIdPrefixOrRegexp],
  ['driver', byDriver],
  ['dangling', byDangling],
]);
