import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NetworkError } from '../../model/errors/errors.js';
import type { AttachmentReader } from '../../network/dependencies/attachments.js';
import type { LeasedAddresses } from '../../network/leased-addresses.js';
import type { NetworkLooks } from '../../network/network-looks.js';
import { readListFilters } from '../filters.js';
import { reportWarnings } from '../warnings.js';
import { answer, errorAnswers } from '../errors/route-schemas.js';
import { answerPrinted } from '../go/serializers.js';
import { etagHeader, setTag } from '../if-match.js';
import { compatStatuses } from '../errors/statuses.js';
import { dockerDefaultName, dockerNameOf, isNameTaken, readNetworkName } from './default-name.js';
import * as examples from './examples.js';
import { compatListFilters, dropEmptyFilters, plainListFilters } from './filters.js';
import { writeContainers } from './containers.js';
import { CompatNetwork, CompatNetworks } from './network-schemas.js';
import type { ChoosePrinter } from './printers.js';
import { CompatInspectQuery, CompatListQuery, CompatNetworkParams } from './schemas.js';
import { writeStatus } from './status.js';
import { writeNetwork } from './translate.js';
import { formOf } from './version-form.js';

export function addList(
  instance: FastifyInstance,
  networks: NetworkLooks,
  attachments: AttachmentReader,
  printerFor: ChoosePrinter,
): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/networks',
    config: { role: 'read' },
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
      const form = formOf(request.address.version);
      const printer = printerFor(form);
      const found = await networks.list(filter);
      if (form.listedContainers !== 'attached') return printer.list(found, nameTaken);
      const view = await attachments.look();
      return found.map(({ network }) => {
        const name = dockerNameOf(network, networks.defaultNetwork, nameTaken);
        const attached = view.of(network.name);
        if (attached.length === 0) return printer.summary(network, name);
        return { ...writeNetwork(network, name, form), Containers: writeContainers(attached) };
      });
    },
  });
}

export function addInspect(
  instance: FastifyInstance,
  networks: NetworkLooks,
  attachments: AttachmentReader,
  addresses: Pick<LeasedAddresses, 'measure'>,
  printerFor: ChoosePrinter,
): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/networks/:id',
    config: { role: 'read' },
    schema: {
      operationId: 'compatNetworkInspect',
      summary: 'Describe a network',
      tags: ['networks'],
      params: CompatNetworkParams,
      querystring: CompatInspectQuery,
      response: {
        200: answer('The network', CompatNetwork, examples.inspected, etagHeader),
        ...errorAnswers(compatStatuses, examples.inspectErrors),
      },
    },
    async handler(request, reply) {
      const { id } = request.params;
      request.networkName = id;
      const asked = await readNetworkName(id, networks);
      // Side by side, so that both see the same poll of the event loop.
      const [stored, view] = await Promise.all([networks.inspect(asked), attachments.look()]);
      const { network } = stored;
      setTag(reply, networks.etagOf(stored));
      // As in a list, if the client asked for it in that form.
      const name = id === dockerDefaultName ? id : network.name;
      const form = formOf(request.address.version);
      const attached = view.of(network.name);
      if (attached.length === 0 && !form.showsStatus)
        return answerPrinted(reply, printerFor(form).inspected(network, name));
      return {
        ...writeNetwork(network, name, form),
        Containers: writeContainers(attached),
        ...(form.showsStatus && tryStatus(request, reply, network.name, () => addresses.measure(stored, view))),
      };
    },
  });
}

/** Leases that cannot be read hide no network: the answer then lacks `Status`, and a warning says why. */
function tryStatus(
  request: FastifyRequest,
  reply: FastifyReply,
  network: string,
  measure: () => ReturnType<LeasedAddresses['measure']>,
): { readonly Status?: ReturnType<typeof writeStatus> } {
  try {
    return { Status: writeStatus(measure()) };
  } catch (error) {
    if (!(error instanceof NetworkError) || error.kind !== 'storage') throw error;
    reportWarnings(request, reply, network, [`the answer has no Status: ${error.message}`]);
    return {};
  }
}
