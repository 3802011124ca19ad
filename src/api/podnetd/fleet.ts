import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type, type Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { formatCidr } from '../../ip/cidr.js';
import type { FleetHost, FleetPoolUse, FleetReport, FleetStoreState } from '../../model/fleet.js';
import type { Fleet } from '../../network/dependencies/fleet.js';
import { answer } from '../errors/route-schemas.js';
import { remediedAnswers } from './error-answers.js';
import { count } from './explanation.js';
import { limitParameter, refuseLimit } from './listed-limit.js';

const usuallyListed = 1_000;

const time = (description: string) => Type.String({ description: `${description}, as in RFC 3339` });

const StoreBody = Type.Object(
  {
    reachable: Type.Boolean(),
    endpoint: Type.String({ description: 'URL that podnetd asked last' }),
    cluster_id: Type.Optional(Type.String({ description: 'Of etcd; absent before its first answer' })),
    error: Type.Optional(Type.String({ description: 'Why it cannot be reached' })),
  },
  { title: 'FleetStore' },
);

const PoolBody = Type.Object(
  {
    base: Type.String(),
    block: Type.Integer({ description: 'Length of the blocks that hosts claim' }),
    size: Type.Integer({ description: 'Length of the subnets that this host cuts from its blocks' }),
    blocks: count('All'),
    claimed: Type.Optional(count('Those of all hosts; absent where no store says it')),
  },
  { title: 'FleetPool' },
);

const HostBody = Type.Object(
  {
    host: Type.String({ description: 'Its id in the fleet' }),
    name: Type.String(),
    alive: Type.Boolean({ description: 'Whether its heartbeat lives' }),
    last_seen: Type.Optional(time('Time of its last heartbeat that is known')),
    networks: Type.Optional(count('Its networks; absent without a heartbeat')),
    blocks: Type.Array(
      Type.Object(
        {
          block: Type.String(),
          free: Type.Optional(count('Subnets of the size that are free in it; absent without a heartbeat')),
        },
        { title: 'FleetHostBlock' },
      ),
    ),
  },
  { title: 'FleetHost' },
);

/** Also for programs that look at the fleet without a daemon. */
export const FleetBody = Type.Object(
  {
    kind: Type.String({
      description:
        'store: hosts claim blocks in etcd; index: blocks follow from host_index; none: this host is in no fleet',
    }),
    host: Type.Optional(Type.String({ description: 'Id of this host in the fleet' })),
    name: Type.Optional(Type.String({ description: 'Name of this host' })),
    store: Type.Optional(StoreBody),
    pools: Type.Array(PoolBody),
    hosts: Type.Array(HostBody, {
      description: 'All with a claim or a heartbeat, by id; none while the store cannot be reached',
    }),
    unlisted_hosts: count('Hosts that `hosts` has no room for'),
    own_blocks: Type.Array(
      Type.Object(
        {
          block: Type.String(),
          state: Type.String({
            description: 'own; releasing: it goes back soon, and gives no subnet; lost: another host has it now',
          }),
          claimed_at: Type.Optional(time('Absent for a block by an index')),
        },
        { title: 'FleetOwnBlock' },
      ),
    ),
    collisions: Type.Array(
      Type.Object(
        {
          network: Type.String({ description: 'Of this host' }),
          subnet: Type.String(),
          block: Type.String(),
          owner: Type.String({ description: 'Name of the host that has the block' }),
        },
        { title: 'FleetCollision' },
      ),
    ),
    problems: Type.Array(
      Type.Object(
        {
          code: Type.String({ description: 'store-unreachable, host-twice, layout, too-many-blocks or file' }),
          reason: Type.String(),
        },
        { title: 'FleetProblem' },
      ),
    ),
  },
  { title: 'Fleet' },
);
export type FleetBody = Static<typeof FleetBody>;

const FleetQuery = Type.Object({ limit: limitParameter('Entries of `hosts`', usuallyListed) });

const examples = {
  none: {
    summary: 'a host that is in no fleet',
    value: { kind: 'none', pools: [], hosts: [], unlisted_hosts: 0, own_blocks: [], collisions: [], problems: [] },
  },
  store: {
    summary: 'a fleet of one host that is alive',
    value: {
      kind: 'store',
      host: '6a1d3f0c2b9e4d7f8a5b6c7d8e9f0a1b',
      name: 'edge1',
      store: { reachable: true, endpoint: 'https://etcd1:2379', cluster_id: '14841639068965178418' },
      pools: [{ base: '10.64.0.0/10', block: 20, size: 24, blocks: 1_024, claimed: 1 }],
      hosts: [
        {
          host: '6a1d3f0c2b9e4d7f8a5b6c7d8e9f0a1b',
          name: 'edge1',
          alive: true,
          last_seen: '2026-11-27T12:00:00.000Z',
          networks: 3,
          blocks: [{ block: '10.67.16.0/20', free: 13 }],
        },
      ],
      unlisted_hosts: 0,
      own_blocks: [{ block: '10.67.16.0/20', state: 'own', claimed_at: '2026-11-27T11:00:00.000Z' }],
      collisions: [],
      problems: [],
    },
  },
};

/** Shows the fleet: its hosts, their blocks, and what collides. */
export function addFleet(instance: FastifyInstance, fleet: Fleet): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/fleet',
    config: { role: 'read', isHostWide: true },
    schema: {
      operationId: 'podnetdFleet',
      summary: 'The hosts that share pools with this one, their blocks, and what collides',
      tags: ['system'],
      querystring: FleetQuery,
      response: {
        200: answer('The fleet', FleetBody, examples),
        ...remediedAnswers(refuseLimit('/podnetd/v1/fleet?limit=many')),
      },
    },
    async handler({ query: { limit = usuallyListed } }) {
      return writeFleet(await fleet.report(limit));
    },
  });
}

/** @param report undefined for a host that is alone */
export function writeFleet(report: FleetReport | undefined): FleetBody {
  if (report === undefined) return examples.none.value;
  const { kind, host, name, store, pools, hosts, unlistedHosts, ownBlocks, collisions, problems } = report;
  return {
    kind,
    host,
    name,
    ...(store && { store: writeStore(store) }),
    pools: pools.map(writePool),
    hosts: hosts.map(writeHost),
    unlisted_hosts: unlistedHosts,
    own_blocks: ownBlocks.map(({ block, state, claimedAt }) => ({
      block: formatCidr(block),
      state,
      ...(claimedAt && { claimed_at: claimedAt.toISOString() }),
    })),
    collisions: collisions.map(({ network, subnet, block, owner }) => ({
      network,
      subnet: formatCidr(subnet),
      block: formatCidr(block),
      owner,
    })),
    problems: problems.map(({ code, reason }) => ({ code, reason })),
  };
}

function writeStore({ isReachable, endpoint, clusterId, error }: FleetStoreState): Static<typeof StoreBody> {
  return {
    reachable: isReachable,
    endpoint,
    ...(clusterId !== undefined && { cluster_id: clusterId }),
    ...(error !== undefined && { error }),
  };
}

function writePool({ base, blockBits, prefixBits, blocks, claimed }: FleetPoolUse): Static<typeof PoolBody> {
  return {
    base: formatCidr(base),
    block: blockBits,
    size: prefixBits,
    blocks: Number(blocks),
    ...(claimed !== undefined && { claimed: Number(claimed) }),
  };
}

function writeHost({ host, name, isAlive, lastSeen, networks, blocks }: FleetHost): Static<typeof HostBody> {
  return {
    host,
    name,
    alive: isAlive,
    ...(lastSeen && { last_seen: lastSeen.toISOString() }),
    ...(networks !== undefined && { networks }),
    blocks: blocks.map(({ block, free }) => ({
      block: formatCidr(block),
      ...(free !== undefined && { free: Number(free) }),
    })),
  };
}
