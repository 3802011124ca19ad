import type { FastifyRequest } from 'fastify';
import type { AuditedRequest } from '../model/audited-request.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a request that asks for a change, where such requests are audited. */
    audited: AuditedRequest | undefined;
  }
}

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Operations of other methods that change nothing. */
const looking = /Plan$/;

/** Operations whose changes are announced with the files that they write. */
const announcedLater = /Network(?:Create|Remove|Update|Prune)$/;

/** The operation that a request asks for; undefined for one that changes nothing, whatever its outcome. A new route is audited by itself. */
export function auditedOperation({ method, isDryRun, is404, routeOptions }: FastifyRequest): string | undefined {
  const operation = (routeOptions.schema as { readonly operationId?: string } | undefined)?.operationId;
  if (is404 || isDryRun || reading.has(method) || operation === undefined || looking.test(operation)) return undefined;
  return operation;
}

/** Whether a request has to be announced before its handler runs, because the handler writes no file of the folder. */
export function isAnnouncedFirst(operation: string): boolean {
  return !announcedLater.test(operation);
}
