import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { ConnectOptions } from '../../network/connect.js';
import type { NetworkService } from '../../network/service.js';
import { doneAnswer, errorAnswers, tooLargeAnswer } from '../route-schemas.js';
import { readConnectOptions } from '../connect-options.js';
import { compatStatuses } from '../statuses.js';
import { readNetworkName } from './default-name.js';
import * as examples from './examples.js';
import {
  CompatConnectBody,
  CompatDisconnectBody,
  CompatNetworkParams,
  type CompatEndpointSettings,
} from './schemas.js';

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
    async handler(request, reply) {
      const { id } = request.params;
      request.networkName = id;
      const { Container: container = '', EndpointConfig: endpoint = {} } = request.body;
      const options = readEndpoint(endpoint);
      await service.connect(readNetworkName(id, service.defaultNetwork), container, options);
      return await reply.type('text/plain').send('OK\n');
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
    async handler(request, reply) {
      const { id } = request.params;
      request.networkName = id;
      const { Container: container = '', Force: force = false } = request.body;
      await service.disconnect(readNetworkName(id, service.defaultNetwork), container, force);
      return await reply.type('text/plain').send('OK\n');
    },
  });
}

/** Docker's clients ask in `IPAMConfig`; what they send beside it is what an earlier inspect told them. */
function readEndpoint(endpoint: Static<typeof CompatEndpointSettings>): ConnectOptions {
  const { IPv4Address = '', IPv6Address = '' } = endpoint.IPAMConfig ?? {};
  return readConnectOptions({
    addresses: [IPv4Address, IPv6Address],
    mac: endpoint.MacAddress,
    aliases: endpoint.Aliases,
  });
}
