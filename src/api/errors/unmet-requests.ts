import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { drain } from '../drain.js';
import { sendTransportError, UnmetRequest } from './error-body.js';

/** Answers requests that ask of HTTP itself what podnetd does not do, in their turn and with their line in the log, before anything of them is looked at. */
export function refuseUnmetRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const unmet = findUnmet(request.raw);
    if (unmet === undefined) return done();
    void drain(request.raw).then(() => {
      // More of it may come, and would be taken for the next request.
      if (!request.raw.complete) reply.header('connection', 'close');
      sendTransportError(unmet, reply);
    });
  });
}

function findUnmet({ headers, httpVersion }: IncomingMessage): UnmetRequest | undefined {
  const { expect, 'transfer-encoding': encoding } = headers;
  if (expect !== undefined && httpVersion === '1.1' && !continues.test(expect)) {
    return new UnmetRequest(
      417,
      'expectationFailed',
      `Expect: ${expect}: expectation failed: only 100-continue is met, leave the header out`,
    );
  }
  // One that does not end with `chunked` is no request for Node. source: RFC 9112, 6.1
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'chunked') {
    return new UnmetRequest(
      501,
      'codingUnsupported',
      `Transfer-Encoding: ${encoding}: coding not implemented: only chunked is, send the body as it is`,
    );
  }
  return undefined;
}

/** Those that Node has answered by itself. source: Node.js lib/_http_common.js@v20 continueExpression */
const continues = /(?:^|\W)100-continue(?:$|\W)/i;
