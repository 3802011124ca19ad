import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ChangesFor } from '../dry-run.js';
import { answer, errorAnswers, tooLargeAnswer } from '../errors/route-schemas.js';
import { libpodV3Statuses } from '../errors/statuses.js';
import { IfMatchHeaders, readIfMatch } from '../if-match.js';
import { reportWarnings } from '../warnings.js';
import * as examples from './examples.js';
import { V3CreateBody, V3Created, V3CreateQuery } from './schemas.js';
import { readCreateBody } from './translate.js';

export function addCreate(instance: FastifyInstance, changesFor: ChangesFor): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/create',
    config: { role: 'admin' },
    schema: {
      operationId: 'libpodV3NetworkCreate',
      summary: 'Create a network',
      tags: ['networks'],
      querystring: V3CreateQuery,
      headers: IfMatchHeaders,
      body: { ...V3CreateBody, examples: examples.createBodies },
      response: {
        200: answer('The network is made and durable', V3Created, examples.created),
        ...tooLargeAnswer,
        ...errorAnswers(libpodV3Statuses, examples.createErrors),
      },
    },
    async handler(request, reply) {
      request.networkName = request.query.name;
      const wanted = readCreateBody(request.body, request.query.name ?? '');
      const { network, path, warnings } = await changesFor(request).create(wanted, readIfMatch(request));
      reportWarnings(request, reply, network.name, warnings);
      return { Filename: path ?? '' };
    },
  });
}
