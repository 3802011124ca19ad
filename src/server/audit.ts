import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { auditedOperation, isAnnouncedFirst } from '../api/audited.js';
import { limits } from '../api/limits.js';
import type { Announcement, AuditedRequest, AuditLog, Caller, FileHashes } from '../model/audited-request.js';
import { shorten } from '../model/errors/shorten.js';
import { formatLabelScope } from '../model/label-scope.js';
import { entranceOf } from './accepting-socket.js';
import { whoIs } from './who.js';

/** Records each request that asks for a change: before it acts, and before its answer. */
export function addAudit(app: FastifyInstance, audit: AuditLog): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const operation = auditedOperation(request);
    if (operation !== undefined) request.audited = new RequestToAudit(request, operation);
    done();
  });
  // With callbacks: as async functions they made the p50 of a create of 32 clients a tenth longer, and looks pass them too.
  app.addHook('preHandler', (request, _reply, done) => {
    const { audited } = request;
    if (audited === undefined || request.isDryRun || !isAnnouncedFirst(request)) return done();
    // oxlint-disable-next-line promise/no-callback-in-promise -- as Fastify itself goes on behind a hook's promise
    audit.announce([{ request: audited, changes: [] }]).then(() => done(), done);
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    const { audited } = request;
    // A dry run is known as one only behind the hook that began.
    if (audited === undefined || request.isDryRun) return done();
    const { outcome, reason } = request;
    const status = reply.statusCode;
    audit
      .conclude(audited, { status, outcome, reason: reason && shorten(reason, limits.loggedCharacters) })
      // oxlint-disable-next-line promise/no-callback-in-promise -- likewise
      .then(() => done(), done);
  });
}

const callers = new WeakMap<Socket, Caller>();

/** The caller of a connection; one object, once the kernel has said who it is. */
function callerOf(socket: Socket): Caller {
  const known = callers.get(socket);
  if (known !== undefined) return known;
  const { address, role, label } = entranceOf(socket) ?? {};
  const who = whoIs(socket);
  const caller = { who, socket: address, role, label: label && formatLabelScope(label) };
  if (who !== undefined) callers.set(socket, caller);
  return caller;
}

/** A class, because V8 gives each literal with a getter a hidden class of its own, and then looks its members up anew at every use. */
class RequestToAudit implements AuditedRequest {
  readonly id: string;
  readonly caller: Caller;
  readonly changes: FileHashes[] = [];
  announcement: Announcement | undefined;

  constructor(
    private readonly request: FastifyRequest,
    readonly operation: string,
  ) {
    this.id = request.id;
    this.caller = callerOf(request.raw.socket);
  }

  get network(): string | undefined {
    const { networkName, params } = this.request;
    const { id, name } = params as { readonly id?: string; readonly name?: string };
    const network = networkName ?? name ?? id;
    return network && shorten(network, limits.loggedCharacters);
  }
}
