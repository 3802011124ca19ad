import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { TObject } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { NetworkError } from '../../model/errors.js';
import type { NetworkService } from '../../network/service.js';
import { errorAnswers, tooLargeAnswer } from '../route-schemas.js';
import { DisconnectBody, LibpodParams } from './schemas.js';
import type { LibpodVoice } from './voice.js';

/** @param body as the dialect's clients send it */
export function addConnect(
  instance: FastifyInstance,
  service: NetworkService,
  voice: LibpodVoice,
  body: TObject & { readonly examples: readonly unknown[] },
): void {
  addAttach(instance, service, voice, 'connect', 'Put a container on a network', body);
}

export function addDisconnect(instance: FastifyInstance, service: NetworkService, voice: LibpodVoice): void {
  const body = { ...DisconnectBody, examples: [{ Container: 'web1', Force: false }] };
  addAttach(instance, service, voice, 'disconnect', 'Take a container off a network', body);
}

function addAttach(
  instance: FastifyInstance,
  service: NetworkService,
  { prefix, statuses, notFound }: LibpodVoice,
  action: 'connect' | 'disconnect',
  summary: string,
  body: TObject,
): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: `/networks/:name/${action}`,
    schema: {
      operationId: prefix + (action === 'connect' ? 'NetworkConnect' : 'NetworkDisconnect'),
      summary,
      tags: ['networks'],
      params: LibpodParams,
      body,
      response: {
        ...tooLargeAnswer,
        ...errorAnswers(statuses, {
          invalid: 'json: cannot unmarshal array into Go value of type entities.NetworkDisconnectOptions',
          notFound,
          ambiguous: 'more than one result for network ID 4',
          unsupported: `${action} needs a container engine: podnetd serves networks only`,
          storage: 'open /etc/cni/net.d: EIO: i/o error',
        }),
      },
    },
    async handler(request) {
      request.networkName = request.params.name;
      await service.inspect(request.params.name);
      throw new NetworkError('engineRequired', { feature: action });
    },
  });
}
