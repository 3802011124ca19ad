import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { NetworkError } from '../../model/errors/errors.js';
import type { NetworkLooks } from '../../network/network-service.js';
import { LibpodParams } from '../libpod/schemas.js';
import { errorAnswers, tooLargeAnswer } from '../errors/route-schemas.js';
import { libpodV4Statuses } from '../errors/statuses.js';
import * as examples from './examples.js';
import { V4UpdateBody } from './schemas.js';

/** A CNI file has no place for a network's name servers, so podnetd refuses them, as Podman with CNI does. */
export function addUpdate(instance: FastifyInstance, networks: NetworkLooks): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/:name/update',
    schema: {
      operationId: 'libpodV4NetworkUpdate',
      summary: 'Refuse to change the name servers of a network',
      tags: ['networks'],
      params: LibpodParams,
      body: { ...V4UpdateBody, examples: examples.updateBodies },
      response: { ...tooLargeAnswer, ...errorAnswers(libpodV4Statuses, examples.updateErrors) },
    },
    async handler(request) {
      request.networkName = request.params.name;
      await networks.inspect(request.params.name);
      throw new NetworkError('updateUnsupported', {});
    },
  });
}
