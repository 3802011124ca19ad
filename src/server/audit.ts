import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { auditedOperation, isAnnouncedFirst } from '../api/audited.js';
import { limits } from '../api/limits.js';
import { readPeerHints } from '../host/programs/peer-hints.js';
import type { AuditLog, PeerHints } from '../model/audited-request.js';
import { shorten } from '../model/errors/shorten.js';
import { acceptedBy } from './accepting-socket.js';
import { peerOf } from './socket-user.js';

const hintsOf = new WeakMap<Socket, PeerHints>();

/** Records each request that asks for a change: before it acts, and before its answer. */
export function addAudit(app: FastifyInstance, audit: AuditLog): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const operation = auditedOperation(request);
    if (operation !== undefined) {
      const { socket } = request.raw;
      const peer = peerOf(socket);
      const hints = hintsOf.get(socket) ?? (peer === undefined ? {} : readPeerHints(peer));
      hintsOf.set(socket, hints);
      request.audited = {
        id: request.id,
        peer,
        hints,
        socket: acceptedBy(socket),
        operation,
        changes: [],
        isAnnounced: false,
      };
    }
    done();
  });
  app.addHook('preHandler', async (request) => {
    // A dry run is known as one only now.
    if (request.isDryRun) request.audited = undefined;
    const { audited } = request;
    if (audited !== undefined && isAnnouncedFirst(audited.operation))
      await audit.announce([{ request: audited, changes: [] }]);
  });
  app.addHook('onSend', async (request, reply) => {
    const { audited } = request;
    if (audited === undefined || request.isDryRun) return;
    const { id, name } = request.params as { readonly id?: string; readonly name?: string };
    const network = request.networkName ?? name ?? id;
    const outcome = {
      network: network && shorten(network, limits.loggedCharacters),
      status: reply.statusCode,
      outcome: request.outcome,
      reason: request.reason && shorten(request.reason, limits.loggedCharacters),
    };
    await audit.conclude(audited, outcome);
  });
}
