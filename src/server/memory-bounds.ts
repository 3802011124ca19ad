import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Limits } from '../api/limits.js';
import { BodyShare } from './body-share.js';
import type { Budget } from './budget.js';
import { userOf } from './socket-user.js';

declare module 'fastify' {
  interface FastifyRequest {
    bodyShare: BodyShare | undefined;
  }
}

/** Bytes of an answer that the kernel takes before the client reads. */
const smallAnswerBytes = 64 * 1024;

/** Bytes that all clients share, of bodies that they send and of answers that they have not read. */
export interface MemoryBudgets {
  readonly bodies: Budget;
  readonly answers: Budget;
}

/** Bounds the memory that slow clients make podnetd hold. */
export function addMemoryBounds(app: FastifyInstance, limits: Limits, { bodies, answers }: MemoryBudgets): void {
  app.decorateRequest('bodyShare');
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (declaredBytes(request.raw) === 0 || !asksForBody(request)) return done();
    const share = new BodyShare(bodies, userOf(request.raw.socket), limits, () => {
      request.log.warn('a request was cut before its body was whole: there are too many');
      request.raw.destroy();
    });
    request.bodyShare = share;
    payload.on('data', ({ length }: Buffer | string) => {
      const refusal = share.add(length);
      // Fastify answers with this error. To destroy the stream would end the connection without an answer.
      if (refusal !== undefined) payload.emit('error', refusal);
    });
    reply.raw.once('close', () => share.release());
    done();
  });
  app.addHook('onSend', ({ log, raw: { socket } }, reply, payload: unknown, done) => {
    socket.setTimeout(limits.answerTimeoutMs);
    const amount = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0;
    if (amount < smallAnswerBytes) return done();
    const revoke = () => {
      log.warn('an answer was cut that its client did not take: there are too many');
      socket.destroy();
    };
    const share = answers.take({ user: userOf(socket), amount, hold: 'loose', revoke });
    if (share === undefined) revoke();
    reply.raw.once('close', () => share?.release());
    done();
  });
}

/** Whether the route of a request reads its body. */
export function asksForBody({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.schema?.body !== undefined;
}

/** Bytes that a request announces; infinite for a body in chunks. */
export function declaredBytes({ headers }: IncomingMessage): number {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Infinity;
}
