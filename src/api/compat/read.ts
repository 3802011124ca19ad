import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { StoredNetwork } from '../../network/dependencies/stored-network.js';
import type { AttachmentReader } from '../../network/dependencies/attachments.js';
import type { NetworkLooks } from '../../network/network-service.js';
import type { Network } from '../../model/network.js';
import { readListFilters } from '../filters.js';
import { answer, errorAnswers } from '../errors/route-schemas.js';
import { answerOnce, answerPrinted, printOnce } from '../go/serializers.js';
import { compatStatuses } from '../errors/statuses.js';
import { dockerDefaultName, dockerNameOf, isNameTaken, readNetworkName } from './default-name.js';
import * as examples from './examples.js';
import { compatListFilters, dropEmptyFilters, plainListFilters } from './filters.js';
import { CompatInspectQuery, CompatListQuery, CompatNetwork, CompatNetworkParams, CompatNetworks } from './schemas.js';
import { knowsEnableIpv4, listsContainers, writeNetwork } from './translate.js';

/** Prints networks without their containers. */
interface Printer {
  /** @param name as the client shall see it: the network's own, or `bridge` */
  network(network: Network, name: string): CompatNetwork;
  list(networks: readonly StoredNetwork[], nameTaken: boolean): CompatNetworks;
}

/** Chooses by the version that a client speaks, which makes a difference in one member. */
export type ChoosePrinter = (version: string | undefined) => Printer;

export function makePrinters(defaultNetwork: string): ChoosePrinter {
  const forOld = makePrinter('1.46', defaultNetwork);
  const forNew = makePrinter('1.48', defaultNetwork);
  return (version) => (knowsEnableIpv4(version) ? forNew : forOld);
}

function makePrinter(version: string, defaultNetwork: string): Printer {
  const own = printOnce(CompatNetwork, (network: Network) => writeNetwork(network, network.name, version, []));
  const asDefault = printOnce(CompatNetwork, (network: Network) =>
    writeNetwork(network, dockerDefaultName, version, []),
  );
  const print = (network: Network, name: string) => (name === network.name ? own(network) : asDefault(network));
  const makeList = (nameTaken: boolean) =>
    answerOnce(CompatNetworks, (networks: readonly StoredNetwork[]) =>
      networks.map(({ network }) => print(network, dockerNameOf(network, defaultNetwork, nameTaken))),
    );
  const [list, plainList] = [makeList(false), makeList(true)];
  return { network: print, list: (networks, nameTaken) => (nameTaken ? plainList(networks) : list(networks)) };
}

export function addList(
  instance: FastifyInstance,
  networks: NetworkLooks,
  attachments: AttachmentReader,
  printerFor: ChoosePrinter,
): void {
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
      const nameTaken = await isNameTaken(networks);
      const vocabulary = nameTaken ? plainListFilters : compatListFilters;
      const filter = readListFilters(dropEmptyFilters(request.query.filters), vocabulary, request.originalUrl);
      const { version } = request.address;
      const printer = printerFor(version);
      const found = await networks.list(filter);
      if (!listsContainers(version)) return printer.list(found, nameTaken);
      const view = await attachments.look();
      return found.map(({ network }) => {
        const name = dockerNameOf(network, networks.defaultNetwork, nameTaken);
        const attached = view.of(network.name);
        if (attached.length === 0) return printer.network(network, name);
        return writeNetwork(network, name, version, attached);
      });
    },
  });
}

export function addInspect(
  instance: FastifyInstance,
  networks: NetworkLooks,
  attachments: AttachmentReader,
  printerFor: ChoosePrinter,
): void {
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
    async handler(request, reply) {
      const { id } = request.params;
      request.networkName = id;
      const asked = await readNetworkName(id, networks);
      // Side by side, so that both see the same poll of the event loop.
      const [{ network }, view] = await Promise.all([networks.inspect(asked), attachments.look()]);
      // As in a list, if the client asked for it in that form.
      const name = id === dockerDefaultName ? id : network.name;
      const { version } = request.address;
      const attached = view.of(network.name);
      if (attached.length > 0) return writeNetwork(network, name, version, attached);
      return answerPrinted(reply, printerFor(version).network(network, name));
    },
  });
}
