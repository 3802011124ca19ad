import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkService } from '../../network/service.js';
import { NetworkError } from '../../model/errors.js';
import { errorAnswers, tooLargeAnswer } from '../route-schemas.js';
import { compatStatuses } from '../statuses.js';
import { readNetworkName } from './default-name.js';
import * as examples from './examples.js';
import { CompatConnectBody, CompatDisconnectBody, CompatNetworkParams } from './schemas.js';

/** As Podman says it. */
const doneAnswer = {
  200: { description: 'Done', content: { 'text/plain': { schema: Type.String({ examples: ['OK\n'] }) } } },
};

export function addConnect(instance: FastifyInstance, service: NetworkService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/:id/connect',
    schema: {
      operationId: 'compatNetworkConnect',
      summary: 'Connect a container to a network',
      tags: ['networks'],
      params: CompatNetworkParams,
      body: { ...CompatConnectBody, examples: examples.connectBodies },
      response: { ...doneAnswer, ...tooLargeAnswer, ...errorAnswers(compatStatuses, examples.connectErrors) },
    },
    async handler(request): Promise<never> {
      const { id } = request.params;
      request.networkName = id;
      await service.inspect(readNetworkName(id, service.defaultNetwork));
      throw new NetworkError('engineRequired', { feature: 'connect' });
    },
  });
}

export function addDisconnect(instance: FastifyInstance, service: NetworkService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/:id/disconnect',
    schema: {
      operationId: 'compatNetworkDisconnect',
      summary: 'Disconnect a container from a network',
      tags: ['networks'],
      params: CompatNetworkParams,
      body: { ...CompatDisconnectBody, examples: examples.disconnectBodies },
      response: { ...doneAnswer, ...tooLargeAnswer, ...errorAnswers(compatStatuses, examples.disconnectErrors) },
    },
    async handler(request): Promise<never> {
      const { id } = request.params;
      request.networkName = id;
      await service.inspect(readNetworkName(id, service.defaultNetwork));
      throw new NetworkError('engineRequired', { feature: 'disconnect' });
    },
  });
}
