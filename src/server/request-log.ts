import type { FastifyReply, FastifyRequest } from 'fastify';
import { severityOf } from '../api/errors/severity.js';
import { limits } from '../api/limits.js';
import { shorten } from '../model/errors/shorten.js';
import { whoIs } from './who.js';

/** A client may send a name or value as long as a body; the log quotes its beginning. */
export function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  request.log[severityOf(reply.statusCode, request.isHostFault)](
    {
      method: request.method,
      url: shorten(request.originalUrl, limits.loggedCharacters),
      dialect: request.address.dialect,
      who: whoIs(request.raw.socket),
      network: request.networkName && shorten(request.networkName, limits.loggedCharacters),
      status: reply.statusCode,
      ...(request.isDryRun && { dryRun: true }),
      outcome: request.outcome,
      reason: request.reason && shorten(request.reason, limits.loggedCharacters),
      remedy: request.remedy && shorten(request.remedy, limits.loggedCharacters),
      durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
    },
    'request',
  );
}
