import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkService } from '../../network/service.js';
import type { Dialect } from '../dialect.js';
import { addEventRoute } from '../events.js';
import { answer, errorAnswers, tooLargeAnswer } from '../route-schemas.js';
import { compatStatuses, filterStatuses } from '../statuses.js';
import { addSystemRoutes } from '../system.js';
import { reportCreated } from '../warnings.js';
import { compatTexts } from './errors.js';
import { compatEvents } from './events.js';
import * as examples from './examples.js';
import { CompatCreateBody, CompatCreated, CompatNetwork, CompatNetworkParams } from './schemas.js';
import { readCreateBody, readNetworkName, writeNetwork } from './translate.js';

/** The network half of Docker's API, as Podman serves it. */
export const compat: Dialect = {
  name: 'compat',
  statuses: compatStatuses,
  overrides: filterStatuses,
  texts: compatTexts,
  addRoutes(app, service) {
    addSystemRoutes(app, 'compat');
    addEventRoute(app, service, compatEvents);
    addCreate(app, service);
    addInspect(app, service);
  },
};

function addCreate(instance: FastifyInstance, service: NetworkService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/create',
    schema: {
      operationId: 'compatNetworkCreate',
      summary: 'Create a network',
      tags: ['networks'],
      body: { ...CompatCreateBody, examples: examples.createBodies },
      response: {
        201: answer('The network is made and durable', CompatCreated, examples.created),
        ...tooLargeAnswer,
        ...errorAnswers(compatStatuses, examples.createErrors),
      },
    },
    async handler(request, reply) {
      request.networkName = request.body.Name;
      const { request: wanted, warnings } = readCreateBody(request.body);
      const created = await service.create(wanted);
      const all = [...warnings, ...created.warnings];
      reportCreated(request, reply, created.network.name, all);
      return await reply.code(201).send({ Id: created.network.id, Warning: all.join('\n') });
    },
  });
}

function addInspect(instance: FastifyInstance, service: NetworkService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/networks/:id',
    schema: {
      operationId: 'compatNetworkInspect',
      summary: 'Describe a network',
      tags: ['networks'],
      params: CompatNetworkParams,
      response: {
        200: answer('The network', CompatNetwork, examples.inspected),
        ...errorAnswers(compatStatuses, examples.inspectErrors),
      },
    },
    async handler(request) {
      const { id } = request.params;
      request.networkName = id;
      const { network } = await service.inspect(readNetworkName(id, service.defaultNetwork));
      const isDockerDefault = id === 'bridge' && network.name === service.defaultNetwork;
      return writeNetwork(network, isDockerDefault ? id : network.name);
    },
  });
}
