import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkService } from '../../network/network-service.js';
import { readPruneFilters } from '../filters.js';
import { reportPruned } from '../pruned.js';
import { answer, errorAnswers } from '../errors/route-schemas.js';
import { LibpodFilters, PruneReports } from './schemas.js';
import { laneErrors, type LibpodVariant } from './variant.js';

const pruned = {
  pruned: { summary: 'one was not used', value: [{ Name: 'web', Error: null }] },
  none: { summary: 'all are used', value: [] },
};

export function addPrune(instance: FastifyInstance, networks: NetworkService, variant: LibpodVariant): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/prune',
    schema: {
      operationId: `${variant.prefix}NetworkPrune`,
      summary: 'Remove the networks that no container uses',
      tags: ['networks'],
      querystring: LibpodFilters,
      response: {
        200: answer('What was removed', PruneReports, pruned),
        ...errorAnswers(variant.statuses, { filter: 'invalid filter "foo"', ...laneErrors }),
      },
    },
    async handler(request, reply) {
      const outcomes = await networks.prune(readPruneFilters(request.query.filters, variant.pruneFilters));
      const names = reportPruned(request, reply, outcomes);
      return names.map((Name) => ({ Name, Error: null }));
    },
  });
}
