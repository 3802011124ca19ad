import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { NetworkError } from '../../model/errors/errors.js';
import type { NetworkLooks } from '../../network/network-looks.js';
import { answerNoContent } from '../no-content.js';
import { errorAnswers } from '../errors/route-schemas.js';
import { LibpodParams } from './schemas.js';
import type { LibpodVariant } from './variant.js';

export function addExists(instance: FastifyInstance, networks: NetworkLooks, variant: LibpodVariant): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/networks/:name/exists',
    config: { role: 'read' },
    schema: {
      operationId: `${variant.prefix}NetworkExists`,
      summary: 'Report whether a network exists',
      tags: ['networks'],
      params: LibpodParams,
      response: {
        204: { description: 'It exists', type: 'null' },
        ...errorAnswers(variant.statuses, {
          notFound: 'network not found',
          ambiguous: 'more than one result for network ID 4',
          storage: 'open /etc/cni/net.d: EIO: i/o error',
        }),
      },
    },
    async handler(request, reply) {
      const { name } = request.params;
      request.networkName = name;
      await checkExists(networks, name);
      return await answerNoContent(reply);
    },
  });
}

/** @throws NetworkError notFound in the short words that libpod has here, ambiguous, storage */
async function checkExists(networks: NetworkLooks, nameOrId: string): Promise<void> {
  try {
    await networks.inspect(nameOrId);
  } catch (cause) {
    if (!(cause instanceof NetworkError) || cause.kind !== 'notFound') throw cause;
    throw new NetworkError('networkUnknown', { nameOrId }, { cause });
  }
}
