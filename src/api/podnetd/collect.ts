import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { AttachmentService } from '../../network/attachments/attachment-service.js';
import { exampleContainer } from '../example-story.js';
import { LibpodParams } from '../libpod/schemas.js';
import { answer } from '../errors/route-schemas.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';

const Collected = Type.Array(
  Type.Object(
    {
      container: Type.String({ description: 'Id' }),
      name: Type.Optional(Type.String({ description: 'Of the container, where it is known' })),
      interface: Type.String({ description: 'Inside the container' }),
      netns: Type.String({ description: 'Path of the network namespace' }),
      error: Type.Optional(Type.String({ description: 'Why it is still there; what was freed has none' })),
      remedy: Type.Optional(Type.String({ description: 'Against the error, where there is one' })),
    },
    { title: 'CollectedAttachment' },
  ),
);

const one = {
  container: exampleContainer.id,
  name: exampleContainer.name,
  interface: exampleContainer.interface,
  netns: exampleContainer.netns,
};

/** Frees what is left of containers whose network namespace is gone, and of work that a dead process began; a living attachment is never touched. */
export function addCollect(instance: FastifyInstance, attachments: AttachmentService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/v1/networks/:name/gc',
    config: { role: 'operate' },
    schema: {
      operationId: 'podnetdNetworkCollect',
      summary: 'Free what vanished containers left on a network: addresses, rules, cache files',
      tags: ['networks'],
      params: LibpodParams,
      response: {
        200: answer('What was found', Collected, {
          none: { summary: 'nothing is left over', value: [] },
          freed: { summary: 'one attachment, freed', value: [one] },
          stuck: {
            summary: 'one whose plugin fails',
            value: [{ ...one, error: exampleErrors.deleteHung.message }],
          },
        }),
        ...remediedAnswers(exampleErrors.networkNotFound, exampleErrors.networkAmbiguous, exampleErrors.cacheForbidden),
      },
    },
    async handler(request) {
      const { name } = request.params;
      request.networkName = name;
      const found = await attachments.collect(name);
      return found.map(({ attachment: { containerId, containerName, ifName, netns }, error }) => ({
        container: containerId,
        ...(containerName !== undefined && { name: containerName }),
        interface: ifName,
        netns: netns ?? '',
        ...(error !== undefined && { error: error.message }),
        ...(error?.remedy !== undefined && { remedy: error.remedy }),
      }));
    },
  });
}
