import { byName, ownName } from '../../model/filters/filter-rules.js';
import type { FilterVocabulary } from '../../model/filters/filters.js';
import { podman4ListFilters, podman4PruneFilters } from '../libpod/filters.js';

export const v4PruneFilters: FilterVocabulary = podman4PruneFilters;

export const v4ListFilters: FilterVocabulary = new Map([...podman4ListFilters, ['name', byName(ownName)]]);
