import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ChangesFor } from '../dry-run.js';
import { readPruneFilters } from '../filters.js';
import { reportPruned } from '../pruned.js';
import { answer, errorAnswers } from '../errors/route-schemas.js';
import { compatStatuses } from '../errors/statuses.js';
import * as examples from './examples.js';
import { compatPruneFilters, dropEmptyFilters } from './filters.js';
import { CompatPruned, CompatPruneQuery } from './schemas.js';

export function addPrune(instance: FastifyInstance, changesFor: ChangesFor): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/prune',
    config: { role: 'admin' },
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
      const outcomes = await changesFor(request).prune(
        readPruneFilters(dropEmptyFilters(request.query.filters), compatPruneFilters),
      );
      return { NetworksDeleted: [...reportPruned(request, reply, outcomes)] };
    },
  });
}
