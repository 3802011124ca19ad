import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import swagger from '@fastify/swagger';
import fastify from 'fastify';
import t from 'tap';
import { stringify } from 'yaml';
import type { Dialect } from '../../src/api/dialect.js';
import { compileSerializer } from '../../src/api/go/serializers.js';
import { exampleMachine } from '../../src/api/handshake/system.js';
import { describeRoleErrors } from '../../src/api/errors/role-answers.js';
import { compileValidator } from '../../src/api/go/validators.js';
import { podnetdVersion } from '../../src/api/handshake/versions.js';
import { dialects } from '../../src/server/app.js';
import { titles } from '../../src/api/handshake/titles.js';
import { unservedReadiness, unservedServices } from '../../src/pages/routes/unserved-services.js';
import { Components, type DocumentSchema } from './components.js';

/** The documents of `openapi/` come from the routes' schemas; `npm run openapi` writes them, and this test fails when they drift. */

const folder = path.resolve(import.meta.dirname, '../../openapi');

for (const dialect of dialects) {
  t.test(dialect.name, async (t) => {
    const file = path.join(folder, `${dialect.name}.yaml`);
    const text = await describe(dialect);
    if (process.env['OPENAPI_WRITE'] === '1') writeFileSync(file, text);
    t.equal(text, readFileSync(file, 'utf8'), 'the document agrees with the schemas; else run `npm run openapi`');
  });
}

async function describe(dialect: Dialect): Promise<string> {
  const { title, servers } = titles[dialect.name];
  const example = dialect.name === 'podnetd' ? 'http://d/podnetd/v1/version' : `${servers[0]}/_ping`;
  const app = fastify({ exposeHeadRoutes: false });
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title,
        version: podnetdVersion,
        description:
          `Served on a Unix socket, for example with \`curl --unix-socket /run/podnetd/podnetd.sock ${example}\`.` +
          (dialect.name === 'podnetd' ? '' : ' Every path may carry a version of its API or none.'),
      },
      servers: servers.map((url) => ({ url })),
      security: [],
      tags: [
        { name: 'system', description: 'Handshake' },
        { name: 'networks', description: 'Networks over CNI configuration files' },
      ],
    },
    hideUntagged: true,
    exposeHeadRoutes: true,
  });
  describeRoleErrors(app, dialect);
  dialect.addRoutes(app, unservedServices, () => exampleMachine, unservedReadiness);
  await app.ready();
  const document = JSON.parse(JSON.stringify(app.swagger())) as Document;
  await app.close();
  return stringify(nameStructs(document), { lineWidth: 120, aliasDuplicateObjects: false });
}

interface Media {
  readonly content?: Readonly<Record<string, { readonly schema: DocumentSchema }>>;
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: Media;
  readonly responses: Readonly<Record<string, Media>>;
}

interface Document {
  readonly components: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Puts every struct of the bodies and answers below `components`. */
function nameStructs({ components: others, paths, ...about }: Document): object {
  const components = new Components();
  const nameMedia = ({ content, ...rest }: Media, place: string) => ({
    ...rest,
    ...(content && {
      content: mapValues(content, ({ schema, ...media }) => ({ schema: components.name(schema, place), ...media })),
    }),
  });
  const named = mapValues(paths, (operations) =>
    mapValues(operations, ({ operationId, requestBody, responses, ...operation }) => ({
      // The plugin puts it behind the ids of HEAD routes.
      operationId: operationId.replace(/-head$/, ''),
      ...operation,
      ...(requestBody && { requestBody: nameMedia(requestBody, `the body of ${operationId}`) }),
      responses: mapValues(responses, (response, status) => nameMedia(response, `${status} of ${operationId}`)),
    })),
  );
  return { ...about, paths: named, components: { ...others, schemas: components.schemas() } };
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
