import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { NetworkService } from '../../network/service.js';
import { readListFilters } from '../filters.js';
import { answer, errorAnswers } from '../route-schemas.js';
import { compatStatuses } from '../statuses.js';
import { askedNameOf, dockerNameOf, readNetworkName } from './default-name.js';
import * as examples from './examples.js';
import { compatListFilters, dropEmptyFilters } from './filters.js';
import { CompatInspectQuery, CompatListQuery, CompatNetwork, CompatNetworkParams, CompatNetworks } from './schemas.js';
import { writeNetwork } from './translate.js';

export function addList(instance: FastifyInstance, service: NetworkService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/networks',
    schema: {
      operationId: 'compatNetworkList',
      summary: 'List networks',
      tags: ['networks'],
      querystring: CompatListQuery,
      response: {
        200: answer('Networks, the default one as `bridge`', CompatNetworks, examples.listed),
        ...errorAnswers(compatStatuses, examples.listErrors),
      },
    },
    async handler(request) {
      const filter = readListFilters(dropEmptyFilters(request.query.filters), compatListFilters, request.originalUrl);
      const networks = await service.list(filter);
      return networks.map(({ network }) =>
        writeNetwork(network, dockerNameOf(network, service.defaultNetwork), request.address.version),
      );
    },
  });
}

export function addInspect(instance: FastifyInstance, service: NetworkService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/networks/:id',
    schema: {
      operationId: 'compatNetworkInspect',
      summary: 'Describe a network',
      tags: ['networks'],
      params: CompatNetworkParams,
      querystring: CompatInspectQuery,
      response: {
        200: answer('The network', CompatNetwork, examples.inspected),
        ...errorAnswers(compatStatuses, examples.inspectErrors),
      },
    },
    async handler(request) {
      const { id } = request.params;
      request.networkName = id;
      const { network } = await service.inspect(readNetworkName(id, service.defaultNetwork));
      return writeNetwork(network, askedNameOf(network, id, service.defaultNetwork), request.address.version);
    },
  });
}
