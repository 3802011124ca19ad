import type { FastifyInstance } from 'fastify';
import { roles, type Role } from '../model/role.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The least role that a route's caller has to have. A dry run needs what the change needs. */
    readonly role: Role;
    /** Whether the answer is about all networks of the host, so that a socket with a label does not give it. */
    readonly isHostWide?: true;
  }
}

/** Refuses a route that does not say which role it needs. Before any route is added. */
export function requireRoles(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.role !== undefined) return;
    throw new TypeError(`${[method].flat().join(', ')} ${url}: no role: set config.role to one of ${roles.join(', ')}`);
  });
}
