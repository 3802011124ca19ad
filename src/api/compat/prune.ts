import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkService } from '../../network/network-service.js';
import { readPruneFilters } from '../filters.js';
import { reportPruned } from '../pruned.js';
import { answer, errorAnswers } from '../errors/route-schemas.js';
import { compatStatuses } from '../errors/statuses.js';
import * as examples from './examples.js';
import { compatPruneFilters, dropEmptyFilters } from './filters.js';
import { CompatPruned, CompatPruneQuery } from './schemas.js';

export function addPrune(instance: FastifyInstance, networks: NetworkService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/prune',
    schema: {
      operationId: 'compatNetworkPrune',
      summary: 'Remove the networks that no container is on',
      tags: ['networks'],
      querystring: CompatPruneQuery,
      response: {
        200: answer('Names of the networks that are gone', CompatPruned, examples.pruned),
        ...errorAnswers(compatStatuses, examples.pruneErrors),
      },
    },
    async handler(request, reply) {
      const outcomes = await networks.prune(
        readPruneFilters(dropEmptyFilters(request.query.filters), compatPruneFilters),
      );
      return { NetworksDeleted: [...reportPruned(request, reply, outcomes)] };
    },
  });
}
