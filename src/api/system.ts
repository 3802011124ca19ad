import { arch, release } from 'node:os';
import { Type, type Static } from '@sinclair/typebox';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answer, internalAnswer } from './route-schemas.js';
import { dockerApiVersion, libpodApiVersion, minDockerApiVersion, podnetdVersion } from './versions.js';

const ComponentVersion = Type.Object({
  Name: Type.String(),
  Version: Type.String(),
  Details: Type.Record(Type.String(), Type.String()),
});

const SystemVersion = Type.Object(
  {
    Platform: Type.Object({ Name: Type.String() }),
    Components: Type.Array(ComponentVersion),
    Version: Type.String(),
    ApiVersion: Type.String(),
    MinAPIVersion: Type.String(),
    GitCommit: Type.String(),
    GoVersion: Type.String(),
    Os: Type.String(),
    Arch: Type.String(),
    KernelVersion: Type.String(),
    BuildTime: Type.String(),
  },
  { title: 'SystemVersion' },
);

/** Names of processors in Go, where they differ from Node's. */
const goArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

function describeVersion(): Static<typeof SystemVersion> {
  const goArch = goArchitectures[arch()] ?? arch();
  const kernel = release();
  return {
    Platform: { Name: `linux/${goArch}` },
    Components: [
      {
        Name: 'Podman Engine',
        Version: libpodApiVersion,
        Details: {
          APIVersion: libpodApiVersion,
          Arch: goArch,
          KernelVersion: kernel,
          MinAPIVersion: '4.0.0',
          Os: 'linux',
        },
      },
      { Name: 'podnetd', Version: podnetdVersion, Details: { Description: 'networks only, over CNI config files' } },
    ],
    Version: libpodApiVersion,
    ApiVersion: dockerApiVersion,
    MinAPIVersion: minDockerApiVersion,
    GitCommit: '',
    GoVersion: '',
    Os: 'linux',
    Arch: goArch,
    KernelVersion: kernel,
    BuildTime: '',
  };
}

/** The handshake that every client begins with. */
export function addSystemRoutes(instance: FastifyInstance, operationPrefix: string): void {
  const ping = (reply: FastifyReply) =>
    reply
      .headers({ 'cache-control': 'no-cache', pragma: 'no-cache' })
      .type('text/plain; charset=utf-8')
      .send(reply.request.method === 'HEAD' ? undefined : 'OK');

  instance.route({
    method: 'GET',
    url: '/_ping',
    schema: {
      operationId: `${operationPrefix}Ping`,
      summary: 'Tell that the server is there, and its versions in headers',
      tags: ['system'],
      response: {
        200: { description: 'Alive', content: { 'text/plain': { schema: Type.String({ examples: ['OK'] }) } } },
      },
    },
    handler: (_request, reply) => ping(reply),
  });
  instance.route({ method: 'HEAD', url: '/_ping', handler: (_request, reply) => ping(reply) });

  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/version',
    schema: {
      operationId: `${operationPrefix}Version`,
      summary: 'Versions of the server and its APIs',
      tags: ['system'],
      response: {
        200: answer('Versions', SystemVersion, {
          version: {
            summary: 'podnetd on amd64',
            value: { ...describeVersion(), KernelVersion: '6.1.0', Arch: 'amd64' },
          },
        }),
        ...internalAnswer,
      },
    },
    handler: () => describeVersion(),
  });
}
