import { createServer } from 'node:http';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { routedUrl, toOriginForm, type ApiAddress, type DialectName } from '../api/address.js';
import { findCleanUrl } from '../api/go/clean-path.js';
import type { Dialect } from '../api/dialect.js';
import { drain } from '../api/drain.js';
import { addDryRuns } from '../api/dry-run.js';
import { addErrorHandling, sendTransportError } from '../api/errors/error-body.js';
import { JsonTextError, parseFirstJson } from '../api/go/json-text.js';
import { refuseUnusedConditions } from '../api/if-match.js';
import type { Limits } from '../api/limits.js';
import type { StreamBounds } from '../api/events/route.js';
import { requireRoles } from '../api/route-role.js';
import { compileSerializer } from '../api/go/serializers.js';
import { describeRoleErrors } from '../api/errors/role-answers.js';
import { refuseUnmetRequests } from '../api/errors/unmet-requests.js';
import { compileValidator } from '../api/go/validators.js';
import { dockerApiVersion, libpodApiVersion, serverName } from '../api/handshake/versions.js';
import { addMemoryBounds, asksForBody, declaredBytes, type MemoryBudgets } from './memory-bounds.js';
import type { AuditLog } from '../model/audited-request.js';
import { NetworkError } from '../model/errors/errors.js';
import { makeRequestId } from './request-id.js';
import { logRequest } from './request-log.js';
import { addAudit } from './audit.js';
import { addRoleCheck } from './role-check.js';
import { userOf } from './socket-user.js';
import type { UserRounds } from './user-rounds.js';

declare module 'node:http' {
  interface IncomingMessage {
    /** Read once, when the router needs it. */
    address: ApiAddress;
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    address: ApiAddress;
    /** The network of the request, for the log line. */
    networkName: string | undefined;
    /** Whether the log and the metrics have it. */
    isReported: boolean;
    /** `ok`, or the code of the error, for the log line. */
    outcome: string;
    /** Whether this host, not the client, made the request fail; for the log line. */
    isHostFault: boolean;
    /** Why it was refused, for the log line. */
    reason: string | undefined;
    /** For the log line: what helps, whether or not the dialect shows it. */
    remedy: string | undefined;
  }
}

const msInSecond = 1_000;

/** Outside of the dialect's prefix, so that no request has this path by itself. */
const movedRoute = '/moved';

/** The parts that the apps of all dialects share. */
export interface Shared {
  readonly log: FastifyBaseLogger;
  readonly limits: Limits;
  readonly rounds: UserRounds;
  readonly memory: MemoryBudgets;
  readonly streams: StreamBounds;
  readonly audit: AuditLog | undefined;
  /** Called after each answer. */
  readonly onAnswer: (exchange: Exchange) => void;
}

/** One answered request. */
export interface Exchange {
  readonly dialect: DialectName;
  /** The operationId of its route; undefined without a route. */
  readonly operation: string | undefined;
  /** The HTTP status. */
  readonly code: number;
  readonly seconds: number;
}

/**
 * Builds the routes of one dialect. The app does not listen: its `routing` takes requests that have their `address`.
 *
 * @param addRoutes called with an instance whose prefix is the name of the dialect
 */
export function buildDialectApp(
  dialect: Dialect,
  { log, limits, rounds, memory, streams, audit, onAnswer }: Shared,
  addRoutes: (scope: FastifyInstance) => void,
): FastifyInstance {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: makeRequestId,
    // Fastify loads Ajv unless the compilers are given here, though its types know no others.
    schemaController: {
      compilersFactory: {
        buildValidator: (() => compileValidator) as never,
        buildSerializer: (() => compileSerializer) as never,
      },
    },
    bodyLimit: limits.bodyBytes,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: limits.parameterLength },
    // Fastify wants a server for each app; this one never listens.
    serverFactory: () => createServer(),
    frameworkErrors: (error, request, reply) => {
      // No hook has run yet, and the router's message has the rewritten URL.
      error.message = `${request.originalUrl}: not a valid URL`;
      introduce(request, reply);
      sendTransportError(error, reply);
      logRequest(request, reply);
      onAnswer(describeExchange(request, reply));
    },
    rewriteUrl: ({ url = '/', address }) =>
      findCleanUrl(toOriginForm(url)) === undefined ? routedUrl(address) : movedRoute,
  });
  requireRoles(app);
  describeRoleErrors(app, dialect);
  addParsing(app, rounds);
  addRequestFacts(app, onAnswer);
  if (audit !== undefined) addAudit(app, audit);
  refuseUnmetRequests(app);
  addRoleCheck(app);
  addMemoryBounds(app, limits, memory);
  app.decorate('streamBounds', streams);
  // As Podman's router answers a path that is not clean.
  app.all(movedRoute, { config: { role: 'read' } }, (request, reply) =>
    reply
      .code(301)
      .header('location', findCleanUrl(toOriginForm(request.originalUrl)))
      .send(),
  );
  // On the app itself: for a prefix, Fastify would add a route for each of 35 methods.
  addErrorHandling(app, dialect);
  app.register(
    (scope, _options, done) => {
      addDryRuns(scope, dialect.booleans);
      refuseUnusedConditions(scope);
      addRoutes(scope);
      done();
    },
    { prefix: `/${dialect.name}` },
  );
  return app;
}

/** The type of bodies that no route reads. */
const unreadBody = 'application/octet-stream';

function addParsing(app: FastifyInstance, rounds: UserRounds): void {
  app.removeAllContentTypeParsers();
  // A body that a route reads is JSON whatever its type says: `curl -d` says form, podman-remote says nothing. Another body may be anything.
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    if (declaredBytes(request.raw) !== 0)
      headers['content-type'] = asksForBody(request) ? 'application/json' : unreadBody;
    // To delete a field that is not there takes V8 long.
    else if ('content-type' in headers) delete headers['content-type'];
    done();
  });
  app.addContentTypeParser(unreadBody, async ({ raw }: FastifyRequest) => await drain(raw));
  app.addContentTypeParser('application/json', { parseAs: 'string' }, ({ bodyShare, raw }, body, done) => {
    const refusal = bodyShare?.keep();
    if (refusal !== undefined) return done(refusal);
    rounds.run(userOf(raw.socket), () => {
      let value: unknown;
      try {
        // Fastify takes null for "no body"; Go takes it for a body without members.
        value = parseFirstJson(String(body)) ?? {};
      } catch (error) {
        return done(explainBody(error));
      }
      done(null, value);
    });
  });
}

function explainBody(cause: unknown): Error {
  if (!(cause instanceof JsonTextError)) return cause as Error;
  const { message: reason } = cause;
  if (reason === 'EOF') return new NetworkError('bodyMissing', {});
  return new NetworkError('bodyInvalid', { reason }, { cause });
}

function addRequestFacts(app: FastifyInstance, onAnswer: Shared['onAnswer']): void {
  app.decorateRequest('address');
  app.decorateRequest('networkName');
  app.decorateRequest('audited');
  app.decorateRequest('outcome', 'ok');
  app.decorateRequest('isReported', false);
  app.decorateRequest('isHostFault', false);
  app.decorateRequest('reason');
  app.decorateRequest('remedy');
  app.addHook('onRequest', (request, reply, done) => {
    introduce(request, reply);
    done();
  });
  const report = (request: FastifyRequest, reply: FastifyReply) => {
    if (request.isReported) return;
    request.isReported = true;
    logRequest(request, reply);
    onAnswer(describeExchange(request, reply));
  };
  app.addHook('onSend', (request, reply, _payload, done) => {
    // Fastify appends a charset, which no peer sends.
    if (reply.getHeader('content-type') === 'application/json; charset=utf-8')
      reply.header('content-type', 'application/json');
    // An answer whose client has gone is never finished, and then Fastify does not call the hook below.
    if (request.raw.socket.destroyed) setImmediate(report, request, reply);
    else reply.raw.once('close', () => report(request, reply));
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    report(request, reply);
    done();
  });
}

/** Sets the headers by which each client recognises its server. */
function introduce(request: FastifyRequest, reply: FastifyReply): void {
  request.address = request.raw.address;
  reply.headers({
    'api-version': dockerApiVersion,
    'libpod-api-version': libpodApiVersion,
    'docker-experimental': 'true',
    ostype: 'linux',
    server: serverName,
    'x-reference-id': request.id,
  });
}

function describeExchange({ address, routeOptions }: FastifyRequest, reply: FastifyReply): Exchange {
  const schema = routeOptions.schema as { readonly operationId?: string } | undefined;
  return {
    dialect: address.dialect,
    operation: schema?.operationId,
    code: reply.statusCode,
    seconds: reply.elapsedTime / msInSecond,
  };
}
