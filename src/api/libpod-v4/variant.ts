import type { LibpodVariant } from '../libpod/variant.js';
import { v4PruneFilters } from './filters.js';
import { libpodV4Statuses } from '../errors/statuses.js';

export const variant: LibpodVariant = {
  prefix: 'libpodV4',
  statuses: libpodV4Statuses,
  pruneFilters: v4PruneFilters,
  notFound: 'unable to find network with name or ID nope: network not found',
};
