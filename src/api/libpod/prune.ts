import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkService, PruneOutcome } from '../../network/service.js';
import { readPruneFilters } from '../filters.js';
import { answer, errorAnswers } from '../route-schemas.js';
import { reportWarnings } from '../warnings.js';
import { LibpodFilters, PruneReports } from './schemas.js';
import { laneErrors, type LibpodVoice } from './voice.js';

const pruned = {
  pruned: { summary: 'one was not used', value: [{ Name: 'web', Error: null }] },
  none: { summary: 'all are used', value: [] },
};

export function addPrune(instance: FastifyInstance, service: NetworkService, voice: LibpodVoice): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/prune',
    schema: {
      operationId: `${voice.prefix}NetworkPrune`,
      summary: 'Remove the networks that no container uses',
      tags: ['networks'],
      querystring: LibpodFilters,
      response: {
        200: answer('What was removed', PruneReports, pruned),
        ...errorAnswers(voice.statuses, { filter: 'invalid filter "foo"', ...laneErrors }),
      },
    },
    async handler(request, reply) {
      const outcomes = await service.prune(readPruneFilters(request.query.filters, voice.pruneFilters));
      const removed = outcomes.filter((outcome) => outcome.error === undefined);
      const [first] = outcomes;
      if (removed.length === 0 && first?.error !== undefined) throw first.error;
      // There is room for one answer: what is gone. The rest is told beside it.
      const names = removed.map(({ network }) => network.network.name);
      reportWarnings(request, reply, names.join(','), outcomes.flatMap(tellWarnings));
      return names.map((Name) => ({ Name, Error: null }));
    },
  });
}

function tellWarnings({ error, warnings }: PruneOutcome): readonly string[] {
  return error === undefined ? warnings : [error.message];
}
