import {
  byDangling,
  byDriver,
  byIdPrefixOrRegexp,
  byLabelAbsence,
  byLabelGlob,
  byName,
  byScope,
  byType,
  byUntil,
} from '../../model/filter-rules.js';
import type { FilterSubject, FilterVocabulary } from '../../model/filters.js';
import { dockerDefaultName } from './default-name.js';

/** DIVERGES: keys match in any case, as in Podman and not as in Docker. source: containers/common libnetwork/util/filters.go@v0.50.1 */
export const compatPruneFilters: FilterVocabulary = new Map([
  ['label', byLabelGlob],
  ['label!', byLabelAbsence],
  ['until', byUntil],
]);

/** Podman's keys, and those of Docker that it refuses. source: moby daemon/network/filter.go@v28.5.2 */
export const compatListFilters: FilterVocabulary = new Map([
  ...compatPruneFilters,
  ['name', byName(shownNames)],
  ['id', byIdPrefixOrRegexp],
  ['driver', byDriver],
  ['dangling', byDangling],
  ['type', byType],
  ['scope', byScope],
]);

/** DIVERGES: Podman shows the default network as `bridge`, but does not find it by that name. */
function shownNames({ network, isDefault }: FilterSubject): readonly string[] {
  return isDefault ? [network.name, dockerDefaultName] : [network.name];
}

/** Docker takes an empty text for no filters, Podman for a fault. source: moby api/types/filters/parse.go@v28.5.2 */
export function dropEmptyFilters(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
