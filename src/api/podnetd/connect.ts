import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { bounds } from '../../model/bounds.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { AttachmentService } from '../../network/attachments/attachment-service.js';
import { strings } from '../bounded-schemas.js';
import { readConnectOptions } from '../connect-options.js';
import { exampleContainer } from '../example-story.js';
import { IfMatchTagHeaders, readIfMatch } from '../if-match.js';
import { LibpodParams } from '../libpod/schemas.js';
import { answer, tooLargeAnswer } from '../errors/route-schemas.js';
import { AttachmentBody, exampleAttachment, writeAttachment } from './attachment.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';
import { PortMappings, readPortMappings } from './port-mappings.js';

/** libpod's, and ports of the host, which no dialect's body can say: to an engine they belong to the container. */
const ConnectBody = Type.Object(
  {
    container: Type.Optional(Type.String({ description: 'Name or id; or path or name of a network namespace' })),
    static_ips: Type.Optional(strings(bounds.staticAddresses)),
    static_mac: Type.Optional(Type.String()),
    aliases: Type.Optional(strings(bounds.aliases)),
    interface_name: Type.Optional(Type.String({ description: 'Inside the container; the next free ethN' })),
    port_mappings: Type.Optional(PortMappings),
  },
  { title: 'ConnectOptions', additionalProperties: false },
);

const bodies = [
  { container: exampleContainer.name },
  {
    container: exampleContainer.netns,
    static_ips: [exampleContainer.address],
    static_mac: exampleContainer.macAddress,
    aliases: [exampleContainer.alias],
    port_mappings: [{ host_port: 8080, container_port: 80, protocol: 'tcp' }],
  },
];

/** Puts a container on a network, with ports of the host if they are asked for; any disconnect takes both away. */
export function addConnect(instance: FastifyInstance, attachments: AttachmentService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/v1/networks/:name/connect',
    config: { role: 'operate' },
    schema: {
      operationId: 'podnetdNetworkConnect',
      summary: 'Put a container on a network, with ports of the host',
      tags: ['networks'],
      params: LibpodParams,
      headers: IfMatchTagHeaders,
      body: { ...ConnectBody, examples: bodies },
      response: {
        200: answer('What it got', AttachmentBody, {
          connected: { summary: 'with what the second body asks for', value: exampleAttachment },
        }),
        ...tooLargeAnswer,
        ...remediedAnswers(
          new NetworkError('portMappingInvalid', { mapping: '0:80/tcp', reason: 'ports are from 1 to 65535' }),
          exampleErrors.containerNotFound,
          exampleErrors.networkAmbiguous,
          exampleErrors.networkOutdated,
          new NetworkError('hostPortUsed', { port: '8080/tcp', container: 'front' }),
          new NetworkError('alreadyConnected', { container: 'front', network: 'web' }),
          new NetworkError('pluginFailed', {
            plugin: 'bridge',
            command: 'ADD',
            code: 999,
            msg: 'failed to allocate for range 0: no IP addresses available in range set',
            details: '',
          }),
          exampleErrors.diskFailed,
          exampleErrors.containerBusy,
        ),
      },
    },
    async handler(request) {
      const { name } = request.params;
      request.networkName = name;
      const { body } = request;
      const options = readConnectOptions({
        addresses: body.static_ips,
        mac: body.static_mac,
        aliases: body.aliases,
        interfaceName: body.interface_name,
      });
      const portMappings = readPortMappings(body.port_mappings ?? []);
      const wanted = { ...options, portMappings };
      return writeAttachment(await attachments.connect(name, body.container ?? '', wanted, readIfMatch(request)));
    },
  });
}
