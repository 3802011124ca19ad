import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type, type Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { formatCidr } from '../../ip/cidr.js';
import type { MeasuredPool, PoolReport, Pools } from '../../network/pools.js';
import { answer } from '../errors/route-schemas.js';
import { printOnce } from '../go/serializers.js';
import { mapInShares } from '../../model/in-shares.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';
import { count, exampleExplanation, PassedOverBlocks, writePassedOver } from './explanation.js';
import { limitParameter, refuseLimit } from './listed-limit.js';

const usuallyListed = 1_000;

const PoolBody = Type.Object(
  {
    base: Type.String(),
    size: Type.Integer({ description: 'Length of its blocks' }),
    family: Type.Integer({ description: '4 or 6' }),
    blocks: Type.Object(
      {
        total: count('All; the other counts add up to it'),
        used: count('Networks, or files that are none, have a part of them'),
        reserved: count('Of the others, those that a reserved prefix has a part of'),
        blocked: count('Of the others, those that an interface, a route or a DNS server of this host has a part of'),
        free: count('All others'),
      },
      { title: 'PoolBlocks' },
    ),
    largest_free: Type.Optional(
      Type.String({ description: 'Largest free prefix, the lowest of several; absent when no address is free' }),
    ),
    next: Type.Optional(Type.String({ description: 'Block that the pool gives next; absent when none is free' })),
    taken: Type.Optional(
      Type.Array(PassedOverBlocks, {
        description: 'Who has the blocks that are not free, in the order of their addresses; with `taken=true` alone',
      }),
    ),
    unlisted: Type.Optional(
      count('Blocks that are not free and that `taken` has no room for; with `taken=true` alone'),
    ),
  },
  { title: 'Pool' },
);

/** Also for programs that look at the pools without a daemon. */
export const PoolReportBody = Type.Object(
  {
    pools: Type.Array(PoolBody, { description: 'In the order of the search' }),
    reserved: Type.Array(
      Type.Object(
        { subnet: Type.String(), reason: Type.String({ description: "In the administrator's words" }) },
        { title: 'ReservedSubnet' },
      ),
      { description: 'Given to no network, also where they are in no pool' },
    ),
  },
  { title: 'PoolReport' },
);
export type PoolReportBody = Static<typeof PoolReportBody>;

const PoolsQuery = Type.Object({
  taken: Type.Optional(Type.Boolean({ description: 'List who has the blocks that are not free' })),
  limit: limitParameter('Entries of `taken` for each pool', usuallyListed),
});

const [exampleTaken] = exampleExplanation.passed_over;

const examplePool = {
  base: '10.89.0.0/16',
  size: 24,
  family: 4,
  blocks: { total: 256, used: 1, reserved: 0, blocked: 0, free: 255 },
  largest_free: '10.89.128.0/17',
  next: '10.89.1.0/24',
};

const examples = {
  pools: {
    summary: 'one network in a pool, and a reservation elsewhere',
    value: { pools: [examplePool], reserved: [{ subnet: '10.0.0.0/12', reason: 'office VPN' }] },
  },
  taken: {
    summary: 'with `taken=true`',
    value: { pools: [{ ...examplePool, taken: [exampleTaken], unlisted: 0 }], reserved: [] },
  },
};

/** Shows how full the pools are that subnets come from, and of what. */
export function addPools(instance: FastifyInstance, pools: Pools): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/pools',
    config: { role: 'read', isHostWide: true },
    schema: {
      operationId: 'podnetdPools',
      summary: 'How full the pools are that subnets come from, and the reserved prefixes',
      tags: ['networks'],
      querystring: PoolsQuery,
      response: {
        200: answer('The pools', PoolReportBody, examples),
        ...remediedAnswers(refuseLimit('/podnetd/v1/pools?taken=true&limit=many'), exampleErrors.diskFailed),
      },
    },
    async handler({ query: { taken = false, limit = usuallyListed } }) {
      const report = await pools.measure(taken ? limit : undefined);
      const printRun = printOnce(PassedOverBlocks, writePassedOver);
      for (const pool of report.pools) await mapInShares(pool.taken?.runs ?? [], printRun);
      return writePoolReport(report, printRun);
    },
  });
}

/** @param writeRun of taken blocks */
export function writePoolReport({ pools, reserved }: PoolReport, writeRun = writePassedOver): PoolReportBody {
  return {
    pools: pools.map((pool) => writePool(pool, writeRun)),
    reserved: reserved.map(({ prefix, reason }) => ({ subnet: formatCidr(prefix), reason })),
  };
}

function writePool(
  { pool, largestFree, next, taken, ...counts }: MeasuredPool,
  writeRun: typeof writePassedOver,
): PoolReportBody['pools'][number] {
  const { total, used, reserved, blocked, free } = counts;
  return {
    base: formatCidr(pool.base),
    size: pool.prefixBits,
    family: pool.base.family,
    blocks: {
      total: Number(total),
      used: Number(used),
      reserved: Number(reserved),
      blocked: Number(blocked),
      free: Number(free),
    },
    ...(largestFree && { largest_free: formatCidr(largestFree) }),
    ...(next && { next: formatCidr(next) }),
    ...(taken && { taken: taken.runs.map(writeRun), unlisted: Number(taken.unlisted) }),
  };
}
