import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkLooks } from '../../network/network-looks.js';
import { answerNoContent } from '../no-content.js';
import { isDockerTrue } from '../booleans.js';
import type { ChangesFor } from '../dry-run.js';
import { errorAnswers } from '../errors/route-schemas.js';
import { compatStatuses } from '../errors/statuses.js';
import { IfMatchTagHeaders, readIfMatch } from '../if-match.js';
import { reportWarnings } from '../warnings.js';
import { readNetworkName } from './default-name.js';
import * as examples from './examples.js';
import { CompatNetworkParams, CompatRemoveQuery } from './schemas.js';

export function addRemove(instance: FastifyInstance, networks: NetworkLooks, changesFor: ChangesFor): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'DELETE',
    url: '/networks/:id',
    config: { role: 'admin' },
    schema: {
      operationId: 'compatNetworkRemove',
      summary: 'Remove a network that no container is on',
      tags: ['networks'],
      params: CompatNetworkParams,
      headers: IfMatchTagHeaders,
      querystring: CompatRemoveQuery,
      response: {
        204: { description: 'The network is gone, durably', type: 'null' },
        ...errorAnswers(compatStatuses, examples.removeErrors),
      },
    },
    async handler(request, reply) {
      const { id } = request.params;
      request.networkName = id;
      const nameOrId = await readNetworkName(id, networks);
      const { network, warnings } = await changesFor(request).remove(
        nameOrId,
        isDockerTrue(request.query.force),
        readIfMatch(request),
      );
      reportWarnings(request, reply, network.name, warnings);
      return await answerNoContent(reply);
    },
  });
}
