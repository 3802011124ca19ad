import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkService } from '../../network/service.js';
import { isVersionBefore } from '../address.js';
import type { Dialect } from '../dialect.js';
import { addEventRoute } from '../events.js';
import { inspectForLibpod } from '../inspect-errors.js';
import { answer, errorAnswers, tooLargeAnswer } from '../route-schemas.js';
import { libpodV3Statuses, filterStatuses } from '../statuses.js';
import { addSystemRoutes } from '../system.js';
import { reportCreated } from '../warnings.js';
import { libpodV3Texts } from './errors.js';
import { libpodV3Events } from './events.js';
import * as examples from './examples.js';
import { V3CreateBody, V3Created, V3CreateQuery, V3Network, V3Params } from './schemas.js';
import { readCreateBody } from './translate.js';

/** The network half of libpod's API as Podman 3 served it. */
export const libpodV3: Dialect = {
  name: 'libpod-v3',
  statuses: libpodV3Statuses,
  overrides: filterStatuses,
  texts: libpodV3Texts,
  addRoutes(app, service) {
    addSystemRoutes(app, 'libpodV3');
    addEventRoute(app, service, libpodV3Events);
    addCreate(app, service);
    addInspect(app, service, '/networks/:name/json', 'libpodV3NetworkInspect');
    addInspect(app, service, '/networks/:name', 'libpodV3NetworkInspectShort');
  },
};

function addCreate(instance: FastifyInstance, service: NetworkService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/create',
    schema: {
      operationId: 'libpodV3NetworkCreate',
      summary: 'Create a network',
      tags: ['networks'],
      querystring: V3CreateQuery,
      body: { ...V3CreateBody, examples: examples.createBodies },
      response: {
        200: answer('The network is made and durable', V3Created, examples.created),
        ...tooLargeAnswer,
        ...errorAnswers(libpodV3Statuses, examples.createErrors),
      },
    },
    async handler(request, reply) {
      request.networkName = request.query.name;
      const { network, path, warnings } = await service.create(readCreateBody(request.body, request.query.name ?? ''));
      reportCreated(request, reply, network.name, warnings);
      return { Filename: path ?? '' };
    },
  });
}

function addInspect(instance: FastifyInstance, service: NetworkService, url: string, operationId: string): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url,
    schema: {
      operationId,
      summary: 'Show the conflist of a network',
      tags: ['networks'],
      params: V3Params,
      response: {
        200: answer('The conflist', V3Network, examples.inspected),
        ...errorAnswers(libpodV3Statuses, examples.inspectErrors),
      },
    },
    async handler(request) {
      request.networkName = request.params.name;
      const { conflist } = await inspectForLibpod(service, request.params.name);
      // Clients of 3.0 and older unpack an array.
      return isVersionBefore(request.address.version, 3, 1) ? [conflist] : conflist;
    },
  });
}
