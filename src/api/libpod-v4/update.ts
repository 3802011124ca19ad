import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { formatAddress, parseAddress } from '../../ip/cidr.js';
import type { Address } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import { answerNoContent } from '../no-content.js';
import { DryRun, type ChangesFor } from '../dry-run.js';
import { errorAnswers, tooLargeAnswer } from '../errors/route-schemas.js';
import { libpodV4Statuses } from '../errors/statuses.js';
import { IfMatchTagHeaders, readIfMatch } from '../if-match.js';
import { LibpodParams } from '../libpod/schemas.js';
import { reportWarnings } from '../warnings.js';
import * as examples from './examples.js';
import { V4UpdateBody } from './schemas.js';
import { eachOnce } from './translate.js';

/**
 * Changes the DNS servers of a network. DIVERGES: Podman does that for netavark alone.
 *
 * source: podman pkg/api/handlers/libpod/networks.go@v5.8.2, containers/common libnetwork/netavark/config.go@v0.62.2 NetworkUpdate
 */
export function addUpdate(instance: FastifyInstance, changesFor: ChangesFor): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/:name/update',
    config: { role: 'admin' },
    schema: {
      operationId: 'libpodV4NetworkUpdate',
      summary: 'Add DNS servers to a network, and take some away',
      tags: ['networks'],
      params: LibpodParams,
      querystring: Type.Object(DryRun),
      headers: IfMatchTagHeaders,
      body: { ...V4UpdateBody, examples: examples.updateBodies },
      response: {
        204: { description: 'Containers that are attached from now on ask these servers', type: 'null' },
        ...tooLargeAnswer,
        ...errorAnswers(libpodV4Statuses, examples.updateErrors),
      },
    },
    async handler(request, reply) {
      const { name } = request.params;
      request.networkName = name;
      const { adddnsservers = [], removednsservers = [] } = request.body;
      const added = adddnsservers.map((text) => readServer(text, 'AddDNSServer'));
      const removed = new Set(removednsservers.map((text) => formatAddress(readServer(text, 'RemoveDNSServer'))));
      const { network, warnings } = await changesFor(request).update(
        name,
        ({ dnsServers }) => {
          const kept = dnsServers.filter((server) => !removed.has(formatAddress(server)));
          return { dnsServers: eachOnce([...kept, ...added]) };
        },
        readIfMatch(request),
      );
      reportWarnings(request, reply, network.name, warnings);
      return await answerNoContent(reply);
    },
  });
}

/** @throws NetworkError invalid */
function readServer(text: string, member: 'AddDNSServer' | 'RemoveDNSServer'): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new NetworkError('updateServerInvalid', { text, member });
  return address;
}
