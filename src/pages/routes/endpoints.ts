import fastify from 'fastify';
import type { Dialect } from '../../api/dialect.js';
import { compileSerializer } from '../../api/go/serializers.js';
import { compileValidator } from '../../api/go/validators.js';
import { exampleMachine } from '../../api/handshake/system.js';
import { requireRoles } from '../../api/route-role.js';
import { unservedReadiness, unservedServices } from './unserved-services.js';

/** One operation of a dialect, as its schema says. */
export interface Endpoint {
  readonly method: string;
  /** With parameters in braces, as in OpenAPI. */
  readonly path: string;
  readonly summary: string;
}

interface DocumentedSchema {
  readonly summary?: string;
  readonly tags?: readonly string[];
}

/** The documented operations, in the order of their paths. */
export async function listEndpoints(dialect: Dialect): Promise<readonly Endpoint[]> {
  const endpoints: Endpoint[] = [];
  const app = fastify({ exposeHeadRoutes: false });
  requireRoles(app);
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  app.addHook('onRoute', ({ method, url, schema }) => {
    const { summary, tags = [] } = (schema ?? {}) as DocumentedSchema;
    // Routes without a tag are for old clients alone; openapi/ leaves them out too.
    if (summary === undefined || tags.length === 0) return;
    const path = url.replaceAll(/:([A-Za-z]+)/g, '{$1}');
    for (const one of [method].flat()) endpoints.push({ method: one, path, summary });
  });
  dialect.addRoutes(app, unservedServices, () => exampleMachine, unservedReadiness);
  await app.ready();
  await app.close();
  return endpoints.toSorted((a, b) => compare(a.path, b.path) || compare(a.method, b.method));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
