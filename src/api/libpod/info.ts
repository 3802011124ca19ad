import { Type } from '@sinclair/typebox';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Machine } from '../../model/machine.js';
import { answer, internalAnswer } from '../errors/route-schemas.js';
import { exampleMachine, networkDrivers } from '../handshake/system.js';
import { libpodApiVersion } from '../handshake/versions.js';

const Count = Type.Integer();

const HostInfo = Type.Object(
  {
    arch: Type.String(),
    cgroupVersion: Type.String(),
    cgroupControllers: Type.Array(Type.String()),
    cpus: Type.Integer(),
    distribution: Type.Object({ distribution: Type.String(), version: Type.String() }, { title: 'DistributionInfo' }),
    hostname: Type.String(),
    kernel: Type.String(),
    memFree: Type.Integer({ description: 'Bytes' }),
    memTotal: Type.Integer({ description: 'Bytes' }),
    networkBackend: Type.String(),
    os: Type.String(),
    security: Type.Object({ rootless: Type.Boolean() }, { title: 'SecurityInfo' }),
    serviceIsRemote: Type.Boolean(),
    swapFree: Type.Integer({ description: 'Bytes' }),
    swapTotal: Type.Integer({ description: 'Bytes' }),
    uptime: Type.String(),
  },
  { title: 'HostInfo' },
);

/**
 * The members that mean something without an engine; what is left out is zero to Go's clients, but for `host`, without which those of Podman 4
 * and 5 crash. source: podman libpod/define/info.go@v5.4.2
 */
const LibpodInfo = Type.Object(
  {
    host: HostInfo,
    store: Type.Object(
      {
        containerStore: Type.Object(
          { number: Count, paused: Count, running: Count, stopped: Count },
          { title: 'ContainerStore' },
        ),
        imageStore: Type.Object({ number: Count }, { title: 'ImageStore' }),
      },
      { title: 'StoreInfo' },
    ),
    plugins: Type.Object(
      {
        volume: Type.Array(Type.String()),
        network: Type.Array(Type.String()),
        log: Type.Array(Type.String()),
      },
      { title: 'Plugins' },
    ),
    version: Type.Object(
      {
        APIVersion: Type.String(),
        Version: Type.String(),
        Os: Type.String(),
        OsArch: Type.String(),
      },
      { title: 'Version' },
    ),
  },
  { title: 'LibpodInfo' },
);

function describeInfo(machine: Machine) {
  return {
    host: {
      arch: machine.architecture,
      cgroupVersion: machine.cgroupVersion,
      cgroupControllers: [],
      cpus: machine.cpus,
      distribution: { distribution: machine.distribution.id, version: machine.distribution.version },
      hostname: machine.hostname,
      kernel: machine.kernel,
      memFree: machine.memoryBytes.free,
      memTotal: machine.memoryBytes.total,
      networkBackend: 'cni',
      os: 'linux',
      security: { rootless: machine.rootless },
      serviceIsRemote: true,
      swapFree: machine.swapBytes.free,
      swapTotal: machine.swapBytes.total,
      uptime: describeUptime(machine.uptimeSeconds),
    },
    store: { containerStore: { number: 0, paused: 0, running: 0, stopped: 0 }, imageStore: { number: 0 } },
    plugins: { volume: [], network: networkDrivers, log: [] },
    version: {
      APIVersion: libpodApiVersion,
      Version: libpodApiVersion,
      Os: 'linux',
      OsArch: `linux/${machine.architecture}`,
    },
  };
}

function describeUptime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m ${(seconds % 60).toFixed(2)}s`;
}

export function addLibpodInfo(instance: FastifyInstance, operationPrefix: string, readMachine: () => Machine): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/info',
    config: { role: 'read' },
    schema: {
      operationId: `${operationPrefix}Info`,
      summary: 'The host, and that there is no engine',
      tags: ['system'],
      response: {
        200: answer('Facts', LibpodInfo, { info: { summary: 'a host', value: describeInfo(exampleMachine) } }),
        ...internalAnswer,
      },
    },
    handler: () => describeInfo(readMachine()),
  });
}
