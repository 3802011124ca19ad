import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkService } from '../../network/service.js';
import { readPruneFilters } from '../filters.js';
import { answer, errorAnswers } from '../route-schemas.js';
import { compatStatuses } from '../statuses.js';
import * as examples from './examples.js';
import { compatPruneFilters, dropEmptyFilters } from './filters.js';
import { CompatPruned, CompatPruneQuery } from './schemas.js';

export function addPrune(instance: FastifyInstance, service: NetworkService): void {
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
    async handler(request) {
      const outcomes = await service.prune(
        readPruneFilters(dropEmptyFilters(request.query.filters), compatPruneFilters),
      );
      for (const { network, error } of outcomes) {
        if (error !== undefined) request.log.error({ err: error, network: network.network.name }, error.message);
      }
      return {
        NetworksDeleted: outcomes
          .filter(({ error }) => error === undefined)
          .map(({ network: { network } }) => network.name),
      };
    },
  });
}
