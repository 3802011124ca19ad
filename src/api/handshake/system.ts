import { Type, type Static } from '@sinclair/typebox';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Machine } from '../../model/machine.js';
import { answer, internalAnswer } from '../errors/route-schemas.js';
import { dockerApiVersion, libpodApiVersion, minDockerApiVersion, podnetdVersion } from './versions.js';

/** source: moby api/swagger.yaml@v28.5.2 SystemVersion; its structs are named since api/types/system/version_response.go@api/v1.52.0 */
const ComponentVersion = Type.Object(
  {
    Name: Type.String(),
    Version: Type.String(),
    Details: Type.Record(Type.String(), Type.String()),
  },
  { title: 'ComponentVersion' },
);

const SystemVersion = Type.Object(
  {
    Platform: Type.Object({ Name: Type.String() }, { title: 'PlatformInfo' }),
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

/** What podnetd makes. */
export const networkDrivers = ['bridge', 'macvlan', 'ipvlan'];

/** For the examples of the documents. */
export const exampleMachine: Machine = {
  hostname: 'host',
  architecture: 'amd64',
  kernel: '6.1.0',
  cpus: 2,
  memoryBytes: { total: 4_294_967_296, free: 1_073_741_824 },
  swapBytes: { total: 0, free: 0 },
  uptimeSeconds: 3_600,
  distribution: { id: 'debian', version: '12', fullName: 'Debian GNU/Linux 12 (bookworm)' },
  cgroupVersion: 'v2',
  rootless: false,
};

/** What is empty has no value here: podnetd is no Go program and carries no build time. */
function describeVersion({ architecture, kernel, distribution }: Machine): Static<typeof SystemVersion> {
  return {
    Platform: { Name: `linux/${architecture}/${distribution.id}-${distribution.version}` },
    Components: [
      {
        Name: 'Podman Engine',
        Version: libpodApiVersion,
        Details: {
          APIVersion: libpodApiVersion,
          Arch: architecture,
          BuildTime: '',
          Experimental: 'false',
          GitCommit: '',
          GoVersion: '',
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
    Arch: architecture,
    KernelVersion: kernel,
    BuildTime: '',
  };
}

const text = (description: string) => ({ type: 'string', description });

/** As the document has them; every answer of podnetd carries them. */
const versionHeaders = {
  'Api-Version': text("The highest version of Docker's API"),
  'Libpod-Api-Version': text("The highest version of libpod's API"),
  Server: text('The engine that clients take podnetd for, with its version'),
  Ostype: text('linux'),
  'Docker-Experimental': text('true'),
};

/** The handshake that every client begins with. */
export function addSystemRoutes(instance: FastifyInstance, operationPrefix: string, readMachine: () => Machine): void {
  const ping = (reply: FastifyReply) =>
    reply
      .headers({
        'builder-version': '',
        'buildkit-version': '',
        'cache-control': 'no-cache',
        'libpod-buildah-version': '',
        pragma: 'no-cache',
      })
      .type('text/plain; charset=utf-8')
      .send(reply.request.method === 'HEAD' ? undefined : 'OK');

  instance.route({
    method: 'GET',
    url: '/_ping',
    config: { role: 'read' },
    schema: {
      operationId: `${operationPrefix}Ping`,
      summary: 'Report that the server is there, and its versions in headers',
      tags: ['system'],
      response: {
        200: {
          description: 'Alive',
          headers: versionHeaders,
          content: { 'text/plain': { schema: Type.String({ examples: ['OK'] }) } },
        },
      },
    },
    handler: (_request, reply) => ping(reply),
  });
  // Docker's clients ask so first. source: moby client/ping.go@v28.5.2
  instance.route({
    method: 'HEAD',
    url: '/_ping',
    config: { role: 'read' },
    schema: {
      operationId: `${operationPrefix}PingHead`,
      summary: 'As GET, without the body',
      tags: ['system'],
      response: { 200: { description: 'Alive', headers: versionHeaders, type: 'null' } },
    },
    handler: (_request, reply) => ping(reply),
  });

  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/version',
    config: { role: 'read' },
    schema: {
      operationId: `${operationPrefix}Version`,
      summary: 'Versions of the server and its APIs',
      tags: ['system'],
      response: {
        200: answer('Versions', SystemVersion, {
          version: {
            summary: 'podnetd on amd64',
            value: describeVersion(exampleMachine),
          },
        }),
        ...internalAnswer,
      },
    },
    handler: () => describeVersion(readMachine()),
  });

  // Without containers there is nothing to list; docker-compose and podman ask before they make or remove a network.
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/containers/json',
    config: { role: 'read' },
    schema: {
      operationId: `${operationPrefix}ContainerList`,
      summary: 'No containers: there is no engine',
      tags: ['system'],
      response: {
        200: answer('Always empty', Type.Array(Type.Unknown(), { maxItems: 0 }), {
          none: { summary: 'none', value: [] },
        }),
        ...internalAnswer,
      },
    },
    handler: () => [],
  });
}
