import type { LibpodVariant } from '../libpod/variant.js';
import { v3PruneFilters } from './filters.js';
import { libpodV3Statuses } from '../errors/statuses.js';

export const variant: LibpodVariant = {
  prefix: 'libpodV3',
  statuses: libpodV3Statuses,
  pruneFilters: v3PruneFilters,
  notFound: 'unable to find network configuration for nope: network not found',
};
