import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Limits } from './api/limits.js';
import { Budget, type Share } from './budget.js';
import { NetworkError } from './model/errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    bodyShare: Share | undefined;
  }
}

/** What the kernel takes of an answer whether or not the client reads. */
const smallAnswerBytes = 64 * 1024;

/** Bounds what clients make podnetd hold: bodies, whose senders may be slow, and answers, whose readers may. */
export function addMemoryBounds(app: FastifyInstance, limits: Limits): void {
  const bodies = new Budget(limits.allBodiesBytes);
  const answers = new Budget(limits.allAnswersBytes);
  app.decorateRequest('bodyShare');
  app.addHook('onRequest', (request, reply, done) => {
    const bytes = Math.min(declaredBytes(request.raw), limits.bodyBytes);
    if (bytes === 0 || !asksForBody(request)) return done();
    request.bodyShare = bodies.take(bytes, () => {
      request.log.warn('a request was cut before its body was whole: there are too many');
      request.raw.destroy();
    });
    if (request.bodyShare === undefined) throw new NetworkError('bodiesPending', { limitBytes: limits.allBodiesBytes });
    reply.raw.once('close', () => request.bodyShare?.release());
    done();
  });
  app.addHook('onSend', ({ log, raw: { socket } }, reply, payload: unknown, done) => {
    socket.setTimeout(limits.answerTimeoutMs);
    const bytes = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0;
    if (bytes < smallAnswerBytes) return done();
    const share = answers.take(bytes, () => {
      log.warn('an answer was cut that its client did not take: there are too many');
      socket.destroy();
    });
    reply.raw.once('close', () => share?.release());
    done();
  });
}

/** Whether the request's route does. */
export function asksForBody({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.schema?.body !== undefined;
}

/** Of the body; one that does not tell its length may have any. */
export function declaredBytes({ headers }: IncomingMessage): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Infinity;
}
