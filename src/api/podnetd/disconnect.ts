import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { AttachmentService } from '../../network/attachments/attachment-service.js';
import { answerNoContent } from '../no-content.js';
import { exampleContainer } from '../example-story.js';
import { LibpodParams } from '../libpod/schemas.js';
import { tooLargeAnswer } from '../errors/route-schemas.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';

const DisconnectBody = Type.Object(
  {
    container: Type.Optional(Type.String({ description: 'Name or id; or path or name of a network namespace' })),
    force: Type.Optional(Type.Boolean({ description: 'Forgets the attachment even if plugins fail' })),
  },
  { title: 'DisconnectOptions', additionalProperties: false },
);

/** Takes a container off a network, with the ports of the host that lead to it. */
export function addDisconnect(instance: FastifyInstance, attachments: AttachmentService): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/v1/networks/:name/disconnect',
    config: { role: 'operate' },
    schema: {
      operationId: 'podnetdNetworkDisconnect',
      summary: 'Take a container off a network, with its ports of the host',
      tags: ['networks'],
      params: LibpodParams,
      body: {
        ...DisconnectBody,
        examples: [{ container: exampleContainer.name }, { container: exampleContainer.netns, force: true }],
      },
      response: {
        204: { description: 'It is off', type: 'null' },
        ...tooLargeAnswer,
        ...remediedAnswers(
          exampleErrors.notConnected,
          exampleErrors.containerNotFound,
          exampleErrors.networkAmbiguous,
          exampleErrors.deleteHung,
          exampleErrors.diskFailed,
          exampleErrors.containerBusy,
        ),
      },
    },
    async handler(request, reply) {
      const { name } = request.params;
      request.networkName = name;
      await attachments.disconnect(name, request.body.container ?? '', request.body.force ?? false);
      return await answerNoContent(reply);
    },
  });
}
