import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { answerClientError, refuseTunnel } from './api/error-body.js';
import type { Limits } from './api/limits.js';
import { Turns } from './turns.js';

/** The HTTP server under Fastify, within `limits`. */
export function buildHttpServer(handle: RequestListener, limits: Limits): Server {
  const turns = new Turns(handle, limits);
  const server = createServer(
    {
      headersTimeout: limits.headTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      maxHeaderSize: limits.headBytes,
      // A request without `Host` is refused by Node itself otherwise, in words of its own; here there is one host only.
      requireHostHeader: false,
    },
    (request, response) => turns.take(request, response),
  );
  // The size of the head bounds them; what exceeds a count would be dropped without a word.
  server.maxHeadersCount = 0;
  // Who has no more to ask for still waits for the answer. source: Node.js lib/_http_server.js@v20 socketOnEnd
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('clientError', (error: ConnectionError, socket: Socket) =>
    turns.end(socket, () => answerClientError(error, socket)),
  );
  server.on('connect', (request, socket) => turns.end(request.socket, () => refuseTunnel(request, socket)));
  return server;
}
