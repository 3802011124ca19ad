import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { AttachmentService } from '../../network/attachments/attachment-service.js';
import type { NetworkLooks } from '../../network/network-looks.js';
import { doneAnswer, errorAnswers, tooLargeAnswer } from '../errors/route-schemas.js';
import { compatStatuses } from '../errors/statuses.js';
import { IfMatchTagHeaders, readIfMatch } from '../if-match.js';
import { reportWarnings } from '../warnings.js';
import { readNetworkName } from './default-name.js';
import { readConnect } from './endpoint.js';
import * as examples from './examples.js';
import { CompatConnectBody, CompatDisconnectBody, CompatNetworkParams } from './schemas.js';

export function addConnect(instance: FastifyInstance, networks: NetworkLooks, attachments: AttachmentService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/:id/connect',
    config: { role: 'operate' },
    schema: {
      operationId: 'compatNetworkConnect',
      summary: 'Connect a container to a network',
      tags: ['networks'],
      params: CompatNetworkParams,
      headers: IfMatchTagHeaders,
      body: { ...CompatConnectBody, examples: examples.connectBodies },
      response: { ...doneAnswer, ...tooLargeAnswer, ...errorAnswers(compatStatuses, examples.connectErrors) },
    },
    async handler(request, reply) {
      const { id } = request.params;
      request.networkName = id;
      const { container, options, warnings } = readConnect(request.body);
      const name = await readNetworkName(id, networks);
      const { networkName } = await attachments.connect(name, container, options, readIfMatch(request));
      reportWarnings(request, reply, networkName, warnings);
      reply.type('text/plain');
      return 'OK\n';
    },
  });
}

export function addDisconnect(instance: FastifyInstance, networks: NetworkLooks, attachments: AttachmentService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/:id/disconnect',
    config: { role: 'operate' },
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
      await attachments.disconnect(await readNetworkName(id, networks), container, force);
      reply.type('text/plain');
      return 'OK\n';
    },
  });
}
