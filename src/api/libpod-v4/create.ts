import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkService } from '../../network/network-service.js';
import { answer, errorAnswers, tooLargeAnswer } from '../errors/route-schemas.js';
import { libpodV4Statuses } from '../errors/statuses.js';
import { reportWarnings } from '../warnings.js';
import * as examples from './examples.js';
import { V4CreateBody, V4CreateQuery, V4Network } from './schemas.js';
import { readCreateBody, writeNetwork } from './translate.js';

export function addCreate(instance: FastifyInstance, networks: NetworkService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/create',
    schema: {
      operationId: 'libpodV4NetworkCreate',
      summary: 'Create a network',
      tags: ['networks'],
      querystring: V4CreateQuery,
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
      const { network, warnings } = await (mayExist ? networks.ensure(wanted) : networks.create(wanted));
      reportWarnings(request, reply, network.name, warnings);
      return writeNetwork(network);
    },
  });
}
