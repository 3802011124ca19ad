import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ChangesFor } from '../dry-run.js';
import { answer, errorAnswers, tooLargeAnswer } from '../errors/route-schemas.js';
import { libpodV4Statuses } from '../errors/statuses.js';
import { IfMatchHeaders, readIfMatch } from '../if-match.js';
import { reportWarnings } from '../warnings.js';
import * as examples from './examples.js';
import { V4CreateBody, V4CreateQuery, V4Network } from './schemas.js';
import { readCreateBody, writeNetwork } from './translate.js';

export function addCreate(instance: FastifyInstance, changesFor: ChangesFor): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/create',
    config: { role: 'admin' },
    schema: {
      operationId: 'libpodV4NetworkCreate',
      summary: 'Create a network',
      tags: ['networks'],
      querystring: V4CreateQuery,
      headers: IfMatchHeaders,
      body: { ...V4CreateBody, examples: examples.createBodies },
      response: {
        200: answer('The network as made, durable', V4Network, examples.network),
        ...tooLargeAnswer,
        ...errorAnswers(libpodV4Statuses, examples.createErrors),
      },
    },
    async handler(request, reply) {
      request.networkName = request.body.name;
      const wanted = readCreateBody(request.body);
      const mayExist = request.query.ignoreIfExists ?? false;
      const changes = changesFor(request);
      const expected = readIfMatch(request);
      const { network, warnings } = await (mayExist
        ? changes.ensure(wanted, expected)
        : changes.create(wanted, expected));
      reportWarnings(request, reply, network.name, warnings);
      return writeNetwork(network);
    },
  });
}
