import type { FastifyRequest } from 'fastify';
import type { AuditedRequest } from '../model/audited-request.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a request that asks for a change, where such requests are audited. */
    audited: AuditedRequest | undefined;
  }
}

/** The operation that a request asks for; undefined for one that changes nothing, whatever its outcome. A new route is audited by itself. */
export function auditedOperation({ isDryRun, is404, routeOptions }: FastifyRequest): string | undefined {
  const operation = (routeOptions.schema as { readonly operationId?: string } | undefined)?.operationId;
  return is404 || isDryRun || routeOptions.config.role === 'read' ? undefined : operation;
}

/** Whether a change has to be announced before its handler runs, because the handler runs plugins and writes no file of the folder. */
export function isAnnouncedFirst({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.role === 'operate';
}
