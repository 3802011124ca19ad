import fastify from 'fastify';
import { exampleMachine } from '../../src/api/handshake/system.js';
import type { DialectName } from '../../src/api/address.js';
import { compileSerializer } from '../../src/api/go/serializers.js';
import { compileValidator } from '../../src/api/go/validators.js';
import type { Role } from '../../src/model/role.js';
import { unservedReadiness, unservedServices } from '../../src/pages/routes/unserved-services.js';
import { dialects } from '../../src/server/app.js';

export interface DeclaredRoute {
  readonly dialect: DialectName;
  readonly method: string;
  /** As clients send it, with `web` for the name of a network. */
  readonly url: string;
  readonly role: Role;
  /** Whether the answer is about all networks of the host. */
  readonly isHostWide: boolean;
}

const prefixes: Readonly<Record<DialectName, string>> = {
  compat: '',
  'libpod-v3': '/v3.0.0/libpod',
  'libpod-v4': '/v5.4.2/libpod',
  podnetd: '/podnetd',
};

/** Every route of every dialect, once for each of its methods. */
export async function listDeclaredRoutes(): Promise<readonly DeclaredRoute[]> {
  const routes: DeclaredRoute[] = [];
  for (const dialect of dialects) {
    const app = fastify({ exposeHeadRoutes: false });
    app.setValidatorCompiler(compileValidator);
    app.setSerializerCompiler(compileSerializer);
    app.addHook('onRoute', ({ method, url, config }) => {
      const { role, isHostWide = false } = config as { readonly role: Role; readonly isHostWide?: true };
      const path = `${prefixes[dialect.name]}${url.replaceAll(/:\w+|\*/g, 'web')}`;
      for (const one of [method].flat())
        routes.push({ dialect: dialect.name, method: one, url: path, role, isHostWide });
    });
    dialect.addRoutes(app, unservedServices, () => exampleMachine, unservedReadiness);
    await app.ready();
    await app.close();
  }
  return routes;
}
