import type { ErrorKind } from '../../model/errors/entry.js';

/** Kinds that are no fault of the client's. The status does not say so, because libpod 3 has 500 for nearly everything. */
const hostFaults: ReadonlySet<ErrorKind> = new Set(['storage', 'plugin']);

export function isHostFault(kind: ErrorKind): boolean {
  return hostFaults.has(kind);
}

/**
 * The level at which the log reports an answer: a fault of this host is an error. A wait that was too long, and a client's fault for which a
 * dialect has such a status, are warnings.
 */
export function severityOf(status: number, byHost: boolean): 'info' | 'warn' | 'error' {
  if (status < 500) return 'info';
  return byHost && status !== 503 ? 'error' : 'warn';
}
