import type { FastifyInstance } from 'fastify';
import { NetworkError } from '../model/errors/errors.js';
import { roles, type Role } from '../model/role.js';
import type { Dialect } from './dialect.js';
import { ErrorBody, RemediedErrorBody } from './errors/error-body.js';
import { addErrorExample } from './errors/route-schemas.js';
import { roleStatus } from './errors/statuses.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least role that a route's caller has to have. A dry run needs what the change needs. */
    readonly role: Role;
  }
}

/** Refuses a route that does not say which role it needs, and describes the refusal of others in its answers. Before any route is added. */
export function requireRoles(app: FastifyInstance, dialect: Pick<Dialect, 'showsRemedies'>): void {
  app.addHook('onRoute', (route) => {
    const role = (route.config as { readonly role?: Role } | undefined)?.role;
    if (role === undefined) {
      const methods = [route.method].flat().join(', ');
      throw new TypeError(`${methods} ${route.url}: no role: set config.role to one of ${roles.join(', ')}`);
    }
    if (role === 'read' || route.schema === undefined) return;
    route.schema = { ...route.schema, response: addRefusal(route.schema.response, role, dialect.showsRemedies) };
  });
}

function addRefusal(answers: unknown, need: Role, showsRemedy: boolean): unknown {
  const { message, remedy } = new NetworkError('roleInsufficient', {
    socket: '/run/podnetd/read.sock',
    role: 'read',
    need,
  });
  const body = { cause: message, message, ...(showsRemedy && { remedy }), response: roleStatus };
  const schema = showsRemedy ? RemediedErrorBody : ErrorBody;
  return addErrorExample(answers as Readonly<Record<number, unknown>>, schema, { summary: 'role', body });
}
