import type { FastifyInstance, FastifyRequest } from 'fastify';
import { auditedOperation, isAnnouncedFirst } from '../api/audited.js';
import { limits } from '../api/limits.js';
import type { AuditLog } from '../model/audited-request.js';
import { shorten } from '../model/errors/shorten.js';
import { formatLabelScope } from '../model/label-scope.js';
import { entranceOf } from './accepting-socket.js';
import { whoIs } from './who.js';

/** Records each request that asks for a change: before it acts, and before its answer. */
export function addAudit(app: FastifyInstance, audit: AuditLog): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const operation = auditedOperation(request);
    if (operation !== undefined) {
      const { socket } = request.raw;
      const entrance = entranceOf(socket);
      request.audited = {
        id: request.id,
        who: whoIs(socket),
        socket: entrance?.address,
        role: entrance?.role,
        label: entrance?.label && formatLabelScope(entrance.label),
        operation,
        get network() {
          return nameNetwork(request);
        },
        changes: [],
        isAnnounced: false,
      };
    }
    done();
  });
  app.addHook('preHandler', async (request) => {
    const { audited } = request;
    if (audited !== undefined && !request.isDryRun && isAnnouncedFirst(request))
      await audit.announce([{ request: audited, changes: [] }]);
  });
  app.addHook('onSend', async (request, reply) => {
    const { audited } = request;
    // A dry run is known as one only behind the hook that began.
    if (audited === undefined || request.isDryRun) return;
    const { outcome, reason } = request;
    await audit.conclude(audited, {
      status: reply.statusCode,
      outcome,
      reason: reason && shorten(reason, limits.loggedCharacters),
    });
  });
}

function nameNetwork({ networkName, params }: FastifyRequest): string | undefined {
  const { id, name } = params as { readonly id?: string; readonly name?: string };
  const network = networkName ?? name ?? id;
  return network && shorten(network, limits.loggedCharacters);
}
