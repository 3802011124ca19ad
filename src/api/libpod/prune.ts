import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { ChangesFor } from '../dry-run.js';
import { readPruneFilters } from '../filters.js';
import { reportPruned } from '../pruned.js';
import { answer, errorAnswers } from '../errors/route-schemas.js';
import { LibpodPruneQuery, PruneReports } from './schemas.js';
import { dryRunRefusal, laneErrors, type LibpodVariant } from './variant.js';

const pruned = {
  pruned: { summary: 'one was not used', value: [{ Name: 'web', Error: null }] },
  none: { summary: 'all are used', value: [] },
};

export function addPrune(instance: FastifyInstance, changesFor: ChangesFor, variant: LibpodVariant): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/prune',
    config: { role: 'admin' },
    schema: {
      operationId: `${variant.prefix}NetworkPrune`,
      summary: 'Remove the networks that no container uses',
      tags: ['networks'],
      querystring: LibpodPruneQuery,
      response: {
        200: answer('What was removed', PruneReports, pruned),
        ...errorAnswers(variant.statuses, { filter: 'invalid filter "foo"', dryRun: dryRunRefusal, ...laneErrors }),
      },
    },
    async handler(request, reply) {
      const outcomes = await changesFor(request).prune(readPruneFilters(request.query.filters, variant.pruneFilters));
      const names = reportPruned(request, reply, outcomes);
      return names.map((Name) => ({ Name, Error: null }));
    },
  });
}
