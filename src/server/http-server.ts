import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { answerClientError, refuseTunnel } from '../api/errors/error-body.js';
import type { Limits } from '../api/limits.js';
import type { Pipelines } from './pipelines.js';

/** The HTTP server under the dialects, within `limits`. */
export function buildHttpServer(handle: RequestListener, pipelines: Pipelines, limits: Limits): Server {
  const server = createServer(
    {
      headersTimeout: limits.headTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      maxHeaderSize: limits.headBytes,
      // Node would refuse a request without `Host` in words of its own, but a socket has one host only.
      requireHostHeader: false,
    },
    (request, response) => pipelines.take(request, response, handle),
  );
  // The size of the head bounds its fields; Node would drop fields beyond a count in silence.
  server.maxHeadersCount = 0;
  // A client that closes its side for writing still waits for its answer. source: Node.js lib/_http_server.js@v20 socketOnEnd
  Object.assign(server, { httpAllowHalfOpen: true });
  // Node itself would answer at once, ahead of the requests that came before.
  server.on('checkExpectation', (request, response) => pipelines.take(request, response, handle));
  server.on('connect', (request, socket) => pipelines.end(request.socket, () => refuseTunnel(request, socket)));
  server.on('clientError', (error: ConnectionError, socket: Socket) =>
    pipelines.end(socket, () => answerClientError(error, socket)),
  );
  server.on('connection', spareTraces);
  return server;
}

/**
 * Node makes an error for each request that the client of a closed connection leaves without its answer, and no program reads it: its stack
 * trace costs more than the request. source: Node.js lib/_http_server.js@v20 abortIncoming
 */
function spareTraces(socket: Socket): void {
  let limit = Error.stackTraceLimit;
  socket.prependListener('close', () => {
    limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
  });
  socket.on('close', () => {
    Error.stackTraceLimit = limit;
  });
}
