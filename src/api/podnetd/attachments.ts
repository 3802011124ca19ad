import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { Attachment } from '../../model/attachment.js';
import type { AttachmentReader } from '../../network/dependencies/attachments.js';
import type { NetworkLooks } from '../../network/network-looks.js';
import { LibpodParams } from '../libpod/schemas.js';
import { answer } from '../errors/route-schemas.js';
import { AttachmentBody, exampleAttachment, writeAttachment } from './attachment.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';

const Attachments = Type.Array(AttachmentBody);

const listed = {
  none: { summary: 'no container is attached', value: [] },
  one: { summary: 'one container', value: [exampleAttachment] },
};

/** Lists the attachments of one network or of all, with networks whose files are gone. The garbage collection lists dead ones. */
export function addAttachments(instance: FastifyInstance, networks: NetworkLooks, attachments: AttachmentReader): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/attachments',
    config: { role: 'read' },
    schema: {
      operationId: 'podnetdAttachments',
      summary: 'Who is on the networks, by network, container and interface',
      tags: ['networks'],
      response: {
        200: answer('Living attachments', Attachments, listed),
        ...remediedAnswers(exampleErrors.cacheForbidden),
      },
    },
    async handler() {
      return write((await attachments.look()).all());
    },
  });
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/networks/:name/attachments',
    config: { role: 'read' },
    schema: {
      operationId: 'podnetdNetworkAttachments',
      summary: 'Who is on a network, by container and interface',
      tags: ['networks'],
      params: LibpodParams,
      response: {
        200: answer('Living attachments', Attachments, listed),
        ...remediedAnswers(exampleErrors.networkNotFound, exampleErrors.networkAmbiguous, exampleErrors.cacheForbidden),
      },
    },
    async handler(request) {
      request.networkName = request.params.name;
      // Side by side, so that both see the same poll of the event loop.
      const [{ network }, view] = await Promise.all([networks.inspect(request.params.name), attachments.look()]);
      return write(view.of(network.name));
    },
  });
}

function write(attachments: readonly Attachment[]) {
  const keyOf = ({ networkName, containerId, ifName }: Attachment) => `${networkName}/${containerId}/${ifName}`;
  return attachments.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)).map(writeAttachment);
}
