import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Static, TObject } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import type { ConnectOptions } from '../../network/attachments/check-connect.js';
import type { AttachmentService } from '../../network/attachments/attachment-service.js';
import type { StatusTable } from '../dialect.js';
import { exampleContainer } from '../example-story.js';
import { doneAnswer, errorAnswers, tooLargeAnswer } from '../errors/route-schemas.js';
import { IfMatchTagHeaders, readIfMatch } from '../if-match.js';
import { reportWarnings } from '../warnings.js';
import { DisconnectBody, LibpodParams } from './schemas.js';
import { outdatedExample, type LibpodVariant } from './variant.js';

/** What a dialect's connect body says. */
export interface WantedConnect {
  readonly container: string;
  readonly options: ConnectOptions;
  /** About what has no effect. */
  readonly warnings: readonly string[];
}

const attachErrors = {
  ambiguous: 'more than one result for network ID 4',
  plugin: 'plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set',
  storage: 'open /etc/cni/net.d: EIO: i/o error',
  busy: 'container front and network web are being worked on by another process',
};

function connectErrors(statuses: StatusTable, notFound: string) {
  return errorAnswers(statuses, {
    ...attachErrors,
    invalid: 'requested static ip 10.9.0.4 not in any subnet on network web',
    notFound,
    exists: 'interface eth0 already exists in container front',
    inUse: 'container front is already connected to network "web": network is already connected',
    outdated: outdatedExample,
  });
}

function disconnectErrors(statuses: StatusTable, notFound: string) {
  return errorAnswers(statuses, {
    ...attachErrors,
    invalid: 'container front is not connected to network web',
    notFound,
  });
}

/** @param body as the dialect's clients send it */
export function addConnect<B extends TObject>(
  instance: FastifyInstance,
  attachments: AttachmentService,
  { prefix, statuses, notFound }: LibpodVariant,
  body: B & { readonly examples: readonly unknown[] },
  read: (body: Static<B>) => WantedConnect,
): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/:name/connect',
    config: { role: 'operate' },
    schema: {
      operationId: `${prefix}NetworkConnect`,
      summary: 'Put a container on a network',
      tags: ['networks'],
      params: LibpodParams,
      headers: IfMatchTagHeaders,
      body,
      response: { ...doneAnswer, ...tooLargeAnswer, ...connectErrors(statuses, notFound) },
    },
    async handler(request, reply) {
      const { name } = request.params;
      request.networkName = name;
      const { container, options, warnings } = read(request.body as Static<B>);
      const { networkName } = await attachments.connect(name, container, options, readIfMatch(request));
      reportWarnings(request, reply, networkName, warnings);
      reply.type('text/plain');
      return 'OK\n';
    },
  });
}

export function addDisconnect(
  instance: FastifyInstance,
  attachments: AttachmentService,
  { prefix, statuses, notFound }: LibpodVariant,
): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'POST',
    url: '/networks/:name/disconnect',
    config: { role: 'operate' },
    schema: {
      operationId: `${prefix}NetworkDisconnect`,
      summary: 'Take a container off a network',
      tags: ['networks'],
      params: LibpodParams,
      body: { ...DisconnectBody, examples: [{ Container: exampleContainer.name, Force: false }] },
      response: { ...doneAnswer, ...tooLargeAnswer, ...disconnectErrors(statuses, notFound) },
    },
    async handler(request, reply) {
      const { name } = request.params;
      request.networkName = name;
      await attachments.disconnect(name, request.body.Container ?? '', request.body.Force ?? false);
      reply.type('text/plain');
      return 'OK\n';
    },
  });
}
