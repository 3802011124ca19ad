import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkService } from '../../network/service.js';
import type { Dialect } from '../dialect.js';
import { addEventRoute } from '../events.js';
import { inspectForLibpod } from '../inspect-errors.js';
import { answer, errorAnswers, tooLargeAnswer } from '../route-schemas.js';
import { libpodV4Statuses, filterStatuses } from '../statuses.js';
import { addSystemRoutes } from '../system.js';
import { reportCreated } from '../warnings.js';
import { libpodV4Texts } from './errors.js';
import { libpodV4Events } from './events.js';
import * as examples from './examples.js';
import { V4CreateBody, V4Network, V4Params } from './schemas.js';
import { readCreateBody, writeNetwork } from './translate.js';

/** The network half of libpod's API as Podman 4 and 5 serve it. */
export const libpodV4: Dialect = {
  name: 'libpod-v4',
  statuses: libpodV4Statuses,
  overrides: filterStatuses,
  texts: libpodV4Texts,
  addRoutes(app, service) {
    addSystemRoutes(app, 'libpodV4');
    addEventRoute(app, service, libpodV4Events);
    addCreate(app, service);
    addInspect(app, service, '/networks/:name/json', 'libpodV4NetworkInspect');
    addInspect(app, service, '/networks/:name', 'libpodV4NetworkInspectShort');
  },
};

function addCreate(instance: FastifyInstance, service: NetworkService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/create',
    schema: {
      operationId: 'libpodV4NetworkCreate',
      summary: 'Create a network',
      tags: ['networks'],
      body: { ...V4CreateBody, examples: examples.createBodies },
      response: {
        200: answer('The network as made, durable', V4Network, examples.network),
        ...tooLargeAnswer,
        ...errorAnswers(libpodV4Statuses, examples.createErrors),
      },
    },
    async handler(request, reply) {
      request.networkName = request.body.name;
      const { network, warnings } = await service.create(readCreateBody(request.body));
      reportCreated(request, reply, network.name, warnings);
      return writeNetwork(network);
    },
  });
}

function addInspect(instance: FastifyInstance, service: NetworkService, url: string, operationId: string): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url,
    schema: {
      operationId,
      summary: 'Describe a network',
      tags: ['networks'],
      params: V4Params,
      response: {
        200: answer('The network', V4Network, examples.network),
        ...errorAnswers(libpodV4Statuses, examples.inspectErrors),
      },
    },
    async handler(request) {
      request.networkName = request.params.name;
      return writeNetwork((await inspectForLibpod(service, request.params.name)).network);
    },
  });
}
