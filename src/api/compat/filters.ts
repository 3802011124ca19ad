import { byName, byScope, byType } from '../../model/filters/filter-rules.js';
import type { FilterSubject, FilterVocabulary } from '../../model/filters/filters.js';
import { podman4ListFilters, podman4PruneFilters } from '../libpod/filters.js';
import { dockerDefaultName } from './default-name.js';

/** DIVERGES: keys match in any case, as in Podman and not as in Docker. */
export const compatPruneFilters: FilterVocabulary = podman4PruneFilters;

/** Podman's keys, and those of Docker that it refuses. source: moby daemon/network/filter.go@v28.5.2 */
function listFilters(namesOf: (subject: FilterSubject) => readonly string[]): FilterVocabulary {
  return new Map([...podman4ListFilters, ['name', byName(namesOf)], ['type', byType], ['scope', byScope]]);
}

/** DIVERGES: Podman shows the default network as `bridge`, but does not find it by that name. */
export const compatListFilters = listFilters(({ network, isDefault }) =>
  isDefault ? [network.name, dockerDefaultName] : [network.name],
);

/** For a folder with a network that is called `bridge` itself. */
export const plainListFilters = listFilters(({ network }) => [network.name]);

/** Docker takes an empty text for no filters, Podman for a fault. source: moby api/types/filters/parse.go@v28.5.2 */
export function dropEmptyFilters(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
