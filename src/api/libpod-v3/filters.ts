import { byDriver, byIdPart, byLabel, byName, byPlugin, byUntil, ownName } from '../../model/filters/filter-rules.js';
import type { FilterVocabulary } from '../../model/filters/filters.js';

/**
 * DIVERGES: all keys have to match; Podman 3 heeds one of them, and knows no driver but bridge.
 * source: podman libpod/network/netconflist.go@54b588c07d
 */
export const v3ListFilters: FilterVocabulary = new Map([
  ['name', byName(ownName)],
  ['id', byIdPart],
  ['label', byLabel],
  ['driver', byDriver],
  ['plugin', byPlugin],
]);

/** source: podman libpod/network/netconflist.go@54b588c07d */
export const v3PruneFilters: FilterVocabulary = new Map([
  ['label', byLabel],
  ['until', byUntil],
]);
