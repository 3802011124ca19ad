import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ChangesFor } from '../dry-run.js';
import { answer, errorAnswers, tooLargeAnswer } from '../errors/route-schemas.js';
import { compatStatuses } from '../errors/statuses.js';
import { IfMatchHeaders, readIfMatch } from '../if-match.js';
import { reportWarnings } from '../warnings.js';
import * as examples from './examples.js';
import { CompatCreateBody, CompatCreated, CompatCreateQuery } from './schemas.js';
import { readCreateBody } from './translate.js';

export function addCreate(instance: FastifyInstance, changesFor: ChangesFor): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/create',
    config: { role: 'admin' },
    schema: {
      operationId: 'compatNetworkCreate',
      summary: 'Create a network',
      tags: ['networks'],
      querystring: CompatCreateQuery,
      headers: IfMatchHeaders,
      body: { ...CompatCreateBody, examples: examples.createBodies },
      response: {
        201: answer('The network is made and durable', CompatCreated, examples.created),
        ...tooLargeAnswer,
        ...errorAnswers(compatStatuses, examples.createErrors),
      },
    },
    async handler(request, reply) {
      request.networkName = request.body.Name;
      const { request: wanted, warnings } = readCreateBody(request.body);
      const created = await changesFor(request).create(wanted, readIfMatch(request));
      const all = [...warnings, ...created.warnings];
      reportWarnings(request, reply, created.network.name, all);
      reply.code(201);
      return { Id: created.network.id, Warning: all.join('\n') };
    },
  });
}
