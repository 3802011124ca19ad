import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Type } from '@sinclair/typebox';
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { ErrorCode, ErrorDetails } from '../../model/errors/catalogue.js';
import type { ErrorKind } from '../../model/errors/entry.js';
import { NetworkError } from '../../model/errors/errors.js';
import { collectMethods } from './allowed-methods.js';
import type { Dialect, ErrorText } from '../dialect.js';
import { drain } from '../drain.js';
import { limits } from '../limits.js';
import { compileSerializer } from '../go/serializers.js';
import { isHostFault } from './severity.js';
import { QueryFault } from '../go/validators.js';

/** Podman's error model; Docker clients read `message` alone. */
export const ErrorBody = Type.Object(
  {
    cause: Type.String({ description: 'The innermost cause' }),
    message: Type.String({ description: 'The whole text' }),
    response: Type.Integer({ description: 'The HTTP status' }),
  },
  { title: 'ErrorModel' },
);

const { response, ...texts } = ErrorBody.properties;

/** podnetd's own: the same with a remedy. */
export const RemediedErrorBody = Type.Object(
  {
    ...texts,
    remedy: Type.Optional(
      Type.String({
        description:
          'A command, flag or field that helps; to be shown after the message. Absent where there is none, or the message ends with it',
      }),
    ),
    response,
  },
  { title: 'RemediedErrorModel' },
);

const printErrorBody = compileSerializer({ schema: RemediedErrorBody });

/** A refusal with more to say than the error model has members for. */
export class DetailedRefusal extends Error {
  override readonly name = 'DetailedRefusal';

  constructor(
    readonly refusal: NetworkError,
    /** Members beside those of the error model. */
    readonly members: object,
    /** Prints the body with them. */
    readonly print: (body: unknown) => string,
  ) {
    super(refusal.message);
  }
}

interface ErrorWords {
  readonly message: string;
  readonly cause: string;
  readonly remedy?: string;
}

export const tooLargeMessage = `request body is larger than ${limits.bodyBytes} bytes`;

/** Kinds that are no fault of the client's, but for plugins. The status does not say so, because libpod 3 has 500 for nearly everything. */
const ownFaults: ReadonlySet<ErrorKind> = new Set(['storage', 'busy']);

/** Seconds after which a client that met a busy lane may come again. */
const retryAfter = '1';

/** Before any route is added. */
export function addErrorHandling(app: FastifyInstance, dialect: Dialect): void {
  const methodsOf = collectMethods(app);
  app.setErrorHandler<FastifyError | NetworkError | QueryFault | DetailedRefusal>((thrown, request, reply) => {
    const detailed = thrown instanceof DetailedRefusal ? thrown : undefined;
    const error =
      thrown instanceof QueryFault
        ? blameQuery(thrown, request.originalUrl)
        : thrown instanceof DetailedRefusal
          ? thrown.refusal
          : thrown;
    if (!(error instanceof NetworkError)) {
      void drain(request.raw).then(() => {
        keepConnection(reply);
        sendTransportError(error, reply);
      });
      return;
    }
    keepConnection(reply);
    const status = dialect.overrides[error.code] ?? dialect.statuses[error.kind];
    request.outcome = error.code;
    request.isHostFault = isHostFault(error.kind);
    request.remedy = error.remedy;
    // The details have the plugin's code and what else it reported beside its text.
    if (error.kind === 'plugin' || (ownFaults.has(error.kind) && error.cause !== undefined)) {
      request.log.error({ err: error }, error.message);
    }
    if (error.kind === 'busy') reply.header('retry-after', retryAfter);
    const remedy = dialect.showsRemedies && error.remedy !== undefined ? { remedy: error.remedy } : {};
    sendError(reply, status, { ...wordsFor(error, dialect), ...remedy, ...detailed?.members }, detailed?.print);
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url.split('?', 1)[0] ?? '');
    if (allowed.length > 0) {
      request.outcome = 'methodNotAllowed';
      const message = `${request.method} ${request.originalUrl.split('?', 1)[0]}: method not allowed: use ${allowed.join(' or ')}`;
      return sendError(reply.header('allow', allowed.join(', ')), 405, { message, cause: message });
    }
    request.outcome = 'noSuchRoute';
    const message = `${request.method} ${request.originalUrl.split('?', 1)[0]}: no such route: podnetd serves networks only`;
    return sendError(reply, 404, { message, cause: message });
  });
}

/**
 * Fastify ends the connection after a body that is refused, as more of it may come. Where it was read whole, that costs a client the answer
 * if it is not quite done writing.
 */
function keepConnection(reply: FastifyReply): void {
  const isWhole = reply.request.raw.complete && reply.raw.shouldKeepAlive;
  if (isWhole && reply.getHeader('connection') === 'close') reply.header('connection', 'keep-alive');
}

function blameQuery({ parameter, rule, isMissing, example }: QueryFault, url: string): NetworkError {
  if (isMissing) return new NetworkError('queryMissing', { url, parameter, rule, example });
  return new NetworkError('queryInvalid', { url, parameter, rule });
}

function wordsFor(error: NetworkError, dialect: Dialect): ErrorWords {
  const own = ownText(error.code, error.details, dialect);
  if (own === undefined) return { message: error.message, cause: error.root };
  return typeof own === 'string' ? { message: own, cause: own } : own;
}

function ownText<C extends ErrorCode>(code: C, details: ErrorDetails[C], dialect: Dialect): ErrorText | undefined {
  return dialect.texts[code]?.(details);
}

/** A request that asks for something of HTTP that podnetd does not do; the message says what, and what to do instead. */
export class UnmetRequest extends Error {
  override readonly name = 'UnmetRequest';

  constructor(
    readonly statusCode: number,
    /** For the log line. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Errors of HTTP itself (a broken URL, a body that is too large, a broken header), and bugs. */
export function sendTransportError(error: FastifyError | UnmetRequest, reply: FastifyReply): FastifyReply {
  const status = error.statusCode ?? 500;
  if (status < 500 || error instanceof UnmetRequest) {
    reply.request.outcome = error.code;
    const message = status === 413 ? tooLargeMessage : error.message;
    return sendError(reply, status, { message, cause: message });
  }
  reply.request.outcome = 'internal';
  reply.request.isHostFault = true;
  reply.log.error({ err: error }, 'internal error');
  const message = `internal error, see the log of podnetd for request ${reply.request.id}`;
  return sendError(reply, 500, { message, cause: message });
}

/** Answers bytes that are no HTTP request, for which there is no reply object, and ends the connection. */
export function answerClientError(error: ConnectionError, socket: Socket): void {
  const [status, reason] = clientFaults[error.code] ?? [400, 'Bad Request'];
  if (error.code === 'ECONNRESET') socket.destroy();
  else endWith(socket, status, reason, `${reason}: ${error.message}`);
}

/** There is nothing behind this socket that a tunnel could lead to. */
export function refuseTunnel(request: IncomingMessage, socket: Duplex): void {
  // Node takes its own listener away.
  socket.on('error', () => undefined);
  endWith(socket, 405, 'Method Not Allowed', `CONNECT ${request.url ?? ''}: method not allowed: podnetd is no proxy`);
}

function endWith(socket: Duplex, status: number, reason: string, message: string): void {
  if (socket.writable) {
    const body = printErrorBody({ cause: message, message, response: status });
    const head = `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nConnection: close\r\n`;
    socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }
  socket.destroy();
}

/** source: Node.js lib/_http_server.js@v20 socketOnError */
const clientFaults: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
};

function sendError(reply: FastifyReply, status: number, words: ErrorWords, print = printErrorBody): FastifyReply {
  reply.request.reason = words.message;
  return reply
    .code(status)
    .type('application/json')
    .serializer(print)
    .send({ ...words, response: status });
}
