import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type, type TBoolean, type TObject, type TOptional } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { DryRun, type ChangesFor } from '../dry-run.js';
import { answer, errorAnswers } from '../errors/route-schemas.js';
import { reportWarnings } from '../warnings.js';
import { IfMatchTagHeaders, readIfMatch } from '../if-match.js';
import { LibpodParams, RemoveReports } from './schemas.js';
import { dryRunRefusal, laneErrors, outdatedExample, type LibpodVariant } from './variant.js';

const removed = {
  removed: { summary: 'removed', value: [{ Name: 'web', Err: null }] },
};

/** @param query what the dialect's clients may add to the URL */
export function addRemove(
  instance: FastifyInstance,
  changesFor: ChangesFor,
  variant: LibpodVariant,
  query: TObject<{ force: TOptional<TBoolean> }>,
): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'DELETE',
    url: '/networks/:name',
    config: { role: 'admin' },
    schema: {
      operationId: `${variant.prefix}NetworkRemove`,
      summary: 'Remove a network that no container uses',
      tags: ['networks'],
      params: LibpodParams,
      headers: IfMatchTagHeaders,
      querystring: Type.Object({ ...query.properties, ...DryRun }),
      response: {
        200: answer('The network is gone', RemoveReports, removed),
        ...errorAnswers(variant.statuses, {
          invalid:
            'failed to parse parameters for /v5.4.2/libpod/networks/web?force=x: schema: error converting value for "force"',
          notFound: variant.notFound,
          ambiguous: 'more than one result for network ID 4',
          inUse:
            '"web" has associated containers with it. Disconnect or remove them first: front: network is being used',
          forbidden: 'default network podman cannot be removed',
          outdated: outdatedExample,
          dryRun: dryRunRefusal,
          ...laneErrors,
        }),
      },
    },
    async handler(request, reply) {
      const { name } = request.params;
      request.networkName = name;
      const { network, warnings } = await changesFor(request).remove(
        name,
        request.query.force ?? false,
        readIfMatch(request),
      );
      reportWarnings(request, reply, network.name, warnings);
      return [{ Name: name, Err: null }];
    },
  });
}
