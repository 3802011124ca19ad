import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Network } from '../../model/network.js';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { AttachmentReader } from '../../network/dependencies/attachments.js';
import type { NetworkLooks } from '../../network/network-looks.js';
import { isVersionBefore } from '../address.js';
import { readListFilters } from '../filters.js';
import { inspectForLibpod } from '../libpod/inspect.js';
import { etagHeader, setTag } from '../if-match.js';
import { LibpodFilters, LibpodParams } from '../libpod/schemas.js';
import { answer, errorAnswers } from '../errors/route-schemas.js';
import { answerOnce, answerPrinted, printOnce } from '../go/serializers.js';
import { libpodV4Statuses } from '../errors/statuses.js';
import { writeContainers } from './containers.js';
import * as examples from './examples.js';
import { v4ListFilters } from './filters.js';
import { V4InspectedNetwork, V4Network, V4Networks } from './schemas.js';
import { writeNetwork } from './translate.js';

const printNetwork = printOnce(V4Network, writeNetwork);
const printUnused = printOnce(V4InspectedNetwork, (network: Network) => ({ ...writeNetwork(network), containers: {} }));
const printList = answerOnce(V4Networks, (networks: readonly StoredNetwork[]) =>
  networks.map(({ network }) => printNetwork(network)),
);

export function addList(instance: FastifyInstance, networks: NetworkLooks): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/networks/json',
    config: { role: 'read' },
    schema: {
      operationId: 'libpodV4NetworkList',
      summary: 'List networks in the order of their files',
      tags: ['networks'],
      querystring: LibpodFilters,
      response: {
        200: answer('The networks that match', V4Networks, examples.listed),
        ...errorAnswers(libpodV4Statuses, examples.listErrors),
      },
    },
    async handler(request) {
      const found = await networks.list(readListFilters(request.query.filters, v4ListFilters, request.originalUrl));
      return printList(found);
    },
  });
}

export function addInspect(
  instance: FastifyInstance,
  networks: NetworkLooks,
  attachments: AttachmentReader,
  url: string,
  operationId: string,
): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url,
    config: { role: 'read' },
    schema: {
      operationId,
      summary: 'Describe a network',
      tags: ['networks'],
      params: LibpodParams,
      response: {
        200: answer('The network', V4InspectedNetwork, examples.inspected, etagHeader),
        ...errorAnswers(libpodV4Statuses, examples.inspectErrors),
      },
    },
    async handler(request, reply) {
      const { name } = request.params;
      request.networkName = name;
      // Podman 4 does not list the containers of a network.
      if (isVersionBefore(request.address.version, 5, 0)) {
        const stored = await inspectForLibpod(networks, name);
        setTag(reply, networks.etagOf(stored));
        return answerPrinted(reply, printNetwork(stored.network));
      }
      // Side by side, so that both see the same poll of the event loop.
      const [stored, view] = await Promise.all([inspectForLibpod(networks, name), attachments.look()]);
      const { network } = stored;
      setTag(reply, networks.etagOf(stored));
      const attached = view.of(network.name);
      if (attached.length === 0) return answerPrinted(reply, printUnused(network));
      return { ...writeNetwork(network), containers: writeContainers(attached) };
    },
  });
}
