import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type, type Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { formatAddress, formatCidr } from '../../ip/cidr.js';
import type { Network } from '../../model/network.js';
import type {
  HeldAddresses,
  LeasedAddresses,
  NetworkAddresses,
  SubnetAddresses,
} from '../../network/leased-addresses.js';
import { answer } from '../errors/route-schemas.js';
import { exampleContainer, exampleNetwork } from '../example-story.js';
import { formatGoTime } from '../go/go-time.js';
import { LibpodParams } from '../libpod/schemas.js';
import { V4LeaseRange } from '../libpod-v4/schemas.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';
import { count } from './explanation.js';
import { limitParameter, refuseLimit } from './listed-limit.js';

const usuallyListed = 1_000;

const LeaseBody = Type.Object(
  {
    address: Type.String(),
    container: Type.String({ description: 'Id' }),
    name: Type.Optional(Type.String({ description: 'Of the container, where it is known' })),
    interface: Type.Optional(Type.String({ description: 'Inside the container, where it is known' })),
    since: Type.String({ description: 'When it was leased' }),
    state: Type.String({ description: 'living; or dead, when the container is gone and its DEL never came' }),
  },
  { title: 'LeasedAddress' },
);

const listed = {
  leased: Type.Array(LeaseBody, { description: 'In the order of the addresses' }),
  unlisted: count('Leased addresses that `leased` has no room for'),
};

const SubnetBody = Type.Object(
  {
    subnet: Type.String(),
    gateway: Type.Optional(Type.String({ description: 'Leased to no container; absent where there is none' })),
    lease_ranges: Type.Array(V4LeaseRange, {
      description: 'Addresses that host-local leases, but for the gateway',
    }),
    reserved: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), address: Type.String() }, { title: 'ReservedAddress' }), {
        description: 'Leased to no container; absent where there are none',
      }),
    ),
    addresses: Type.Object(
      {
        total: count('That containers can have'),
        leased: count('That containers have, also those outside the lease ranges'),
        free: count('That the next containers can have'),
      },
      { title: 'AddressCounts' },
    ),
    ...listed,
  },
  { title: 'SubnetAddresses' },
);

const AddressesBody = Type.Object(
  {
    network: Type.String({ description: 'Name' }),
    ipam: Type.Optional(
      Type.String({
        description: 'Plugin that gives addresses; absent for a first plugin other than bridge, macvlan and ipvlan',
      }),
    ),
    subnets: Type.Array(SubnetBody, { description: 'None where `note` says why' }),
    elsewhere: Type.Optional(
      Type.Object(listed, {
        title: 'AddressesElsewhere',
        description:
          'Leases of host-local in none of the subnets, such as those of an earlier subnet; absent where there are none',
      }),
    ),
    note: Type.Optional(Type.String({ description: 'Why there are no subnets; absent where there are some' })),
  },
  { title: 'NetworkAddresses' },
);
type AddressesBody = Static<typeof AddressesBody>;

const examples = {
  leased: {
    summary: 'one container, and an address that is kept for a router',
    value: {
      network: exampleNetwork.name,
      ipam: 'host-local',
      subnets: [
        {
          subnet: exampleNetwork.subnet,
          gateway: exampleNetwork.gateway,
          lease_ranges: [
            { start_ip: '10.89.0.1', end_ip: '10.89.0.252' },
            { start_ip: '10.89.0.254', end_ip: '10.89.0.254' },
          ],
          reserved: [{ name: 'router', address: '10.89.0.253' }],
          addresses: { total: 252, leased: 1, free: 251 },
          leased: [
            {
              address: exampleContainer.address,
              container: exampleContainer.id,
              name: exampleContainer.name,
              interface: exampleContainer.interface,
              since: '2026-01-31T12:01:00.5Z',
              state: 'living',
            },
          ],
          unlisted: 0,
        },
      ],
    },
  },
  dhcp: {
    summary: 'a network whose addresses come from elsewhere',
    value: { network: exampleNetwork.name, ipam: 'dhcp', subnets: [], note: noteOn('dhcp') },
  },
};

/** Shows who has which addresses of a network, by host-local's leases. */
export function addAddresses(instance: FastifyInstance, addresses: LeasedAddresses): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/networks/:name/addresses',
    config: { role: 'read' },
    schema: {
      operationId: 'podnetdNetworkAddresses',
      summary: 'Who has which addresses of a network, and how many are free',
      tags: ['networks'],
      params: LibpodParams,
      querystring: Type.Object({
        limit: limitParameter('Leased addresses of each subnet that are listed', usuallyListed),
      }),
      response: {
        200: answer('The addresses', AddressesBody, examples),
        ...remediedAnswers(
          refuseLimit(`/podnetd/v1/networks/${exampleNetwork.name}/addresses?limit=all`),
          exampleErrors.networkNotFound,
          exampleErrors.networkAmbiguous,
          exampleErrors.cacheForbidden,
        ),
      },
    },
    async handler(request) {
      const { name } = request.params;
      request.networkName = name;
      return write(await addresses.look(name, request.query.limit ?? usuallyListed));
    },
  });
}

function write({ network, subnets, others }: NetworkAddresses): AddressesBody {
  const ipam = network.ipamDriver;
  return {
    network: network.name,
    ...(ipam !== undefined && { ipam }),
    subnets: subnets.map(writeSubnet),
    ...(others.held.length + others.unlisted > 0 && { elsewhere: writeHeld(others) }),
    ...(subnets.length === 0 && { note: noteOn(ipam) }),
  };
}

function writeSubnet({ cidr, gateway, ranges, reserved, total, free, ...held }: SubnetAddresses) {
  return {
    subnet: formatCidr(cidr),
    ...(gateway && { gateway: formatAddress(gateway) }),
    lease_ranges: ranges.map(({ start, end }) => ({ start_ip: formatAddress(start), end_ip: formatAddress(end) })),
    ...(reserved.size > 0 && {
      reserved: [...reserved].map(([name, address]) => ({ name, address: formatAddress(address) })),
    }),
    addresses: { total: Number(total), leased: held.held.length + held.unlisted, free: Number(free) },
    ...writeHeld(held),
  };
}

function writeHeld({ held, unlisted }: HeldAddresses): NonNullable<AddressesBody['elsewhere']> {
  return {
    leased: held.map(({ address, containerId, containerName, ifName, sinceNs, lives }) => ({
      address: formatAddress(address),
      container: containerId,
      ...(containerName !== undefined && { name: containerName }),
      ...(ifName !== undefined && { interface: ifName }),
      since: formatGoTime(sinceNs),
      state: lives ? 'living' : 'dead',
    })),
    unlisted,
  };
}

/** Why podnetd knows no subnets of a network. @param ipam undefined for a first plugin that podnetd does not read */
function noteOn(ipam: Network['ipamDriver']): string {
  if (ipam === 'none') return 'the network gives its containers no addresses';
  if (ipam === 'dhcp') return 'a DHCP server leases the addresses, and podnetd does not see its leases';
  if (ipam === 'host-local') return 'the file of the network names no subnet';
  if (ipam === undefined) return 'podnetd reads the subnets of bridge, macvlan and ipvlan networks alone';
  return `podnetd sees the leases of host-local alone, and not those of ${ipam}`;
}
