import type { FilterVocabulary } from '../../model/filters/filters.js';
import type { StatusTable } from '../dialect.js';

/** What the two libpod dialects put into the routes that they have in common. */
export interface LibpodVariant {
  /** Before the operation ids. */
  readonly prefix: 'libpodV3' | 'libpodV4';
  readonly statuses: StatusTable;
  readonly pruneFilters: FilterVocabulary;
  /** The message for a missing network that a client wants to change. */
  readonly notFound: string;
}

export const networkName = 'Name, id, or the unique beginning of an id';

/** An example for a route that takes `dryRun`. */
export const dryRunRefusal = 'dryRun=maybe is neither true nor false: write one of true, false, 1, 0';

/** An example for a route that takes an `ETag`. */
export const outdatedExample =
  'network web is another one: labels changed; its ETag is 5f1d7a84db00d2fc, If-Match asks for 9c46a4ac51e8b6bd';

/** Examples of what a change can fail with in either dialect. */
export const laneErrors = {
  storage: 'unlink /etc/cni/net.d/web.conflist: EROFS: read-only file system',
  busy: 'the network configuration is locked: waited 30000 ms for /etc/cni/net.d/cni.lock, held by process 4711 (podman)',
};
