import type { FastifyInstance, FastifyRequest } from 'fastify';
import { drain } from '../api/drain.js';
import { labelError, roleError } from '../api/errors/role-answers.js';
import type { NetworkError } from '../model/errors/errors.js';
import { sufficientRoles } from '../model/role.js';
import { entranceOf } from './accepting-socket.js';

/**
 * Refuses requests that need more than the role of their socket. The route alone decides, before anything of the body is read: what reads a body a
 * second time may read another one, as authorisation plugins did. source: CVE-2024-41110
 */
export function addRoleCheck(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const refusal = findRefusal(request);
    if (refusal === undefined) return done();
    // A client that is still writing reads no answer before its end.
    void drain(request.raw).then(() => {
      // More of it may come, and would be taken for the next request.
      if (!request.raw.complete) reply.header('connection', 'close');
      reply.send(refusal);
    });
  });
}

function findRefusal({ is404, routeOptions, raw: { socket } }: FastifyRequest): NetworkError | undefined {
  // There is nothing behind it.
  if (is404) return undefined;
  const { role: need, isHostWide = false } = routeOptions.config;
  const entrance = entranceOf(socket);
  // A connection of unknown origin gets nothing.
  if (entrance === undefined) throw new TypeError('a connection came through no socket of podnetd');
  const { address, role, label } = entrance;
  if (!sufficientRoles(need).includes(role)) return roleError(address, role, need);
  if (label === undefined || !isHostWide) return undefined;
  return labelError(address, label);
}
