import { Type } from '@sinclair/typebox';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import type { Machine } from '../../model/machine.js';
import { formatGoTime } from '../go/go-time.js';
import { answer, internalAnswer } from '../errors/route-schemas.js';
import { exampleMachine, networkDrivers } from '../handshake/system.js';
import { formatCidr } from '../../ip/cidr.js';
import { defaultSubnetPools, type SubnetPool } from '../../ip/pools.js';
import type { NetworkLooks } from '../../network/network-looks.js';
import { libpodApiVersion } from '../handshake/versions.js';

/** The members that clients print and that mean something without an engine. source: moby api/types/system/info.go@v28.5.2 */
const CompatInfo = Type.Object(
  {
    ID: Type.String(),
    Containers: Type.Integer(),
    ContainersRunning: Type.Integer(),
    ContainersPaused: Type.Integer(),
    ContainersStopped: Type.Integer(),
    Images: Type.Integer(),
    Plugins: Type.Object(
      {
        Volume: Type.Array(Type.String()),
        Network: Type.Array(Type.String()),
        Log: Type.Array(Type.String()),
      },
      { title: 'PluginsInfo' },
    ),
    SystemTime: Type.String({ format: 'date-time' }),
    KernelVersion: Type.String(),
    OperatingSystem: Type.String(),
    OSVersion: Type.String(),
    OSType: Type.String(),
    Architecture: Type.String(),
    NCPU: Type.Integer(),
    MemTotal: Type.Integer({ description: 'Bytes' }),
    Name: Type.String({ description: 'Of the host' }),
    ExperimentalBuild: Type.Boolean(),
    ServerVersion: Type.String(),
    CgroupVersion: Type.String(),
    DefaultAddressPools: Type.Array(
      Type.Object(
        { Base: Type.String(), Size: Type.Integer({ description: 'Length of the prefixes that are cut from it' }) },
        { title: 'NetworkAddressPool' },
      ),
      { description: 'In the order of the search' },
    ),
    Swarm: Type.Object({ LocalNodeState: Type.String() }, { title: 'SwarmInfo' }),
    SecurityOptions: Type.Array(Type.String()),
    Warnings: Type.Array(Type.String()),
    Rootless: Type.Boolean(),
  },
  { title: 'SystemInfo' },
);

function describeInfo(machine: Machine, pools: readonly SubnetPool[], nowNs: bigint) {
  return {
    ID: machine.hostname,
    Containers: 0,
    ContainersRunning: 0,
    ContainersPaused: 0,
    ContainersStopped: 0,
    Images: 0,
    Plugins: { Volume: [], Network: networkDrivers, Log: [] },
    SystemTime: formatGoTime(nowNs),
    KernelVersion: machine.kernel,
    OperatingSystem: machine.distribution.fullName,
    OSVersion: machine.distribution.version,
    OSType: 'linux',
    Architecture: machine.architecture,
    NCPU: machine.cpus,
    MemTotal: machine.memoryBytes.total,
    Name: machine.hostname,
    ExperimentalBuild: true,
    ServerVersion: libpodApiVersion,
    CgroupVersion: machine.cgroupVersion.slice(1),
    // source: moby daemon/info.go (fillDefaultAddressPools)@docker-v29.7.2; podman pkg/api/handlers/compat/info.go@v5.6.0
    DefaultAddressPools: pools.map(({ base, prefixBits }) => ({ Base: formatCidr(base), Size: prefixBits })),
    Swarm: { LocalNodeState: 'inactive' },
    SecurityOptions: machine.rootless ? ['name=rootless'] : [],
    Warnings: [],
    Rootless: machine.rootless,
  };
}

export function addInfo(
  instance: FastifyInstance,
  networks: Pick<NetworkLooks, 'subnetPools'>,
  readMachine: () => Machine,
): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/info',
    config: { role: 'read' },
    schema: {
      operationId: 'compatInfo',
      summary: 'The host, and that there is no engine',
      tags: ['system'],
      response: {
        200: answer('Facts', CompatInfo, {
          info: {
            summary: 'a host',
            value: { ...describeInfo(exampleMachine, defaultSubnetPools, 0n), SystemTime: '2026-01-31T12:00:00Z' },
          },
        }),
        ...internalAnswer,
      },
    },
    handler: () => describeInfo(readMachine(), networks.subnetPools, BigInt(Date.now()) * 1_000_000n),
  });
}
