import { NetworkError } from '../../model/errors/errors.js';
import { RemediedErrorBody } from '../errors/error-body.js';
import { groupAnswers } from '../errors/route-schemas.js';
import { compatStatuses } from '../errors/statuses.js';

/** The error answers of a route of podnetd's own API, with the errors themselves as examples. */
export function remediedAnswers(...examples: readonly NetworkError[]): Record<number, unknown> {
  return groupAnswers(
    RemediedErrorBody,
    examples.map(({ kind, message, root, remedy }) => ({
      status: compatStatuses[kind],
      summary: kind,
      body: { cause: root, message, ...(remedy !== undefined && { remedy }) },
    })),
  );
}

/** Examples that several routes have. */
export const exampleErrors = {
  networkNotFound: new NetworkError('networkNotFound', { nameOrId: 'nope' }),
  networkAmbiguous: new NetworkError('networkAmbiguous', { nameOrId: '4' }),
  networkOutdated: new NetworkError('networkOutdated', {
    name: 'web',
    changed: ['labels'],
    expected: '9c46a4ac51e8b6bd',
    current: '5f1d7a84db00d2fc',
  }),
  containerNotFound: new NetworkError('containerNotFound', { nameOrId: 'nope' }),
  containerBusy: new NetworkError('containerBusy', { container: 'front', network: 'web' }),
  notConnected: new NetworkError('notConnected', { container: 'front', network: 'web' }),
  deleteHung: new NetworkError('pluginHung', { plugin: 'bridge', command: 'DEL', timeoutMs: 60_000 }),
  laneBusy: new NetworkError('laneBusy', {
    waitedMs: 30_000,
    lock: '/etc/cni/net.d/cni.lock',
    holder: 'process 4711 (podman)',
  }),
  diskFailed: new NetworkError('storageFailed', {
    operation: 'open',
    path: '/etc/cni/net.d',
    reason: 'EIO: i/o error',
  }),
  cacheForbidden: new NetworkError('storageFailed', {
    operation: 'open',
    path: '/var/lib/cni/results',
    reason: 'EACCES: permission denied',
  }),
};
