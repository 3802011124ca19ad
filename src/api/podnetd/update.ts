import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { formatAddress } from '../../ip/cidr.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { JsonObject } from '../../model/json-object.js';
import type { Network } from '../../model/network.js';
import type { AttachmentReader } from '../../network/dependencies/attachments.js';
import type { NetworkLooks } from '../../network/network-looks.js';
import type { WantedFacts } from '../../network/update/wanted-facts.js';
import { DryRun, type ChangesFor } from '../dry-run.js';
import { answer, tooLargeAnswer } from '../errors/route-schemas.js';
import { exampleContainer } from '../example-story.js';
import { writeStrings } from '../fields.js';
import { etagHeader, IfMatchTagHeaders, readIfMatch, setTag } from '../if-match.js';
import { LibpodParams } from '../libpod/schemas.js';
import { writeContainers } from '../libpod-v4/containers.js';
import { inspected } from '../libpod-v4/examples.js';
import { V4InspectedNetwork } from '../libpod-v4/schemas.js';
import { writeNetwork } from '../libpod-v4/translate.js';
import { reportWarnings } from '../warnings.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';
import { mergePatch } from './merge-patch.js';
import { PatchBody, patchMembers, type PatchedNetwork } from './patch-members.js';

const UpdateReport = Type.Object(
  {
    network: V4InspectedNetwork,
    in_force: Type.Array(Type.String(), { description: 'What of the change is in force now, such as `labels`' }),
    for_new_attachments: Type.Array(Type.String(), {
      description: 'What of it containers get that are attached from now on, such as `options.mtu`',
    }),
    containers_as_before: Type.Array(Type.String(), {
      description: 'Names, else ids, of the containers that keep the old state of that until they are attached anew',
    }),
    warnings: Type.Array(Type.String()),
  },
  { title: 'NetworkUpdateReport' },
);

const bodies = [
  { labels: { tier: '1', team: null }, options: { mtu: '1400' } },
  { subnets: [{ subnet: '10.89.0.0/24', lease_range: { start_ip: '10.89.0.100', end_ip: '10.89.0.200' } }] },
];

/** Changes a network by a JSON merge patch on libpod 4's form of it. source: RFC 7396 */
export function addUpdate(
  instance: FastifyInstance,
  networks: NetworkLooks,
  changesFor: ChangesFor,
  attachments: AttachmentReader,
): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'PATCH',
    url: '/v1/networks/:name',
    config: { role: 'admin' },
    schema: {
      operationId: 'podnetdNetworkUpdate',
      summary: 'Change a network, also while containers are on it',
      description: 'The body is a JSON merge patch (RFC 7396), also as `application/merge-patch+json`.',
      tags: ['networks'],
      params: LibpodParams,
      querystring: Type.Object(DryRun),
      headers: IfMatchTagHeaders,
      body: { ...PatchBody, examples: bodies },
      response: {
        200: answer(
          'The network as it is now, and when each part of the change takes effect',
          UpdateReport,
          {
            changed: {
              summary: 'the first body',
              value: {
                network: inspected['version5']?.value,
                in_force: ['labels'],
                for_new_attachments: ['options.mtu'],
                containers_as_before: [exampleContainer.name],
                warnings: [],
              },
            },
          },
          etagHeader,
        ),
        ...tooLargeAnswer,
        ...remediedAnswers(
          new NetworkError('memberUnknown', { member: 'label', known: Object.keys(patchMembers) }),
          exampleErrors.networkNotFound,
          exampleErrors.networkAmbiguous,
          new NetworkError('memberFixed', { name: 'web', member: 'driver', reason: fixedReason('driver') }),
          new NetworkError('labelContradicted', { key: 'team', value: 'y', scope: 'team=x' }),
          new NetworkError('leaseExcluded', {
            name: 'web',
            subnet: '10.89.0.0/24',
            address: exampleContainer.address,
            user: exampleContainer.name,
          }),
          new NetworkError('subnetUsedByNetwork', {
            subnet: '10.90.0.0/24',
            other: '10.90.0.0/24',
            network: 'db',
            file: undefined,
          }),
          exampleErrors.networkOutdated,
          new NetworkError('dnsUnavailable', { name: 'web', reason: 'the dnsname plugin is not installed' }),
          exampleErrors.diskFailed,
          exampleErrors.laneBusy,
        ),
      },
    },
    async handler(request, reply) {
      const { name } = request.params;
      request.networkName = name;
      const patch = request.body as JsonObject;
      const updated = await changesFor(request).update(
        name,
        (current) => readWanted(current, patch),
        readIfMatch(request),
      );
      const { network, inForce, forNewAttachments, users, warnings } = updated;
      reportWarnings(request, reply, network.name, warnings);
      if (!request.isDryRun) setTag(reply, networks.etagOf(updated));
      const attached = (await attachments.look()).of(network.name);
      return {
        network: { ...writeNetwork(network), containers: writeContainers(attached) },
        in_force: [...inForce],
        for_new_attachments: [...forNewAttachments],
        containers_as_before: [...users],
        warnings: [...warnings],
      };
    },
  });
}

function fixedReason(member: string): string {
  const row = patchMembers[member];
  return row !== undefined && 'fixed' in row ? row.fixed : '';
}

/** @throws NetworkError invalid, forbidden (memberFixed) */
function readWanted(current: Network, patch: JsonObject): WantedFacts {
  const network: JsonObject = {
    ...writeNetwork(current),
    reserved_addresses: Object.fromEntries(
      current.subnets.flatMap(({ reserved }) => [...reserved].map(([host, address]) => [host, formatAddress(address)])),
    ),
    ...(current.docker && { docker_options: writeStrings(current.docker.options) }),
  };
  const patched = mergePatch(network, patch) as JsonObject & PatchedNetwork;
  const wanted: WantedFacts = {};
  for (const member of Object.keys(patch)) {
    const row = patchMembers[member];
    if (row === undefined) continue;
    if ('read' in row) Object.assign(wanted, row.read(patched));
    else if (JSON.stringify(patched[member]) !== JSON.stringify(network[member]))
      throw new NetworkError('memberFixed', { name: current.name, member, reason: row.fixed });
  }
  return wanted;
}
