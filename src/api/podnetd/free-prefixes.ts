import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Type, type Static } from '@sinclair/typebox';
import type { FastifyInstance } from 'fastify';
import { bitsOf, formatCidr } from '../../ip/cidr.js';
import type { Family } from '../../model/address.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { Pools } from '../../network/pools.js';
import { answer } from '../errors/route-schemas.js';
import { exampleErrors, remediedAnswers } from './error-answers.js';
import { count } from './explanation.js';
import { limitParameter, refuseLimit } from './listed-limit.js';

const usuallyListed = 20;
const maxListed = 1_000;

const FreePrefixesBody = Type.Object(
  {
    prefixes: Type.Array(Type.String(), {
      description:
        'In the order of the pools that a search takes, the lowest of each first. A create of this size may get another one, which tears less apart',
    }),
    count: count('All of them, also those that `prefixes` has no room for'),
  },
  { title: 'FreePrefixes' },
);

const FreePrefixesQuery = Type.Object({
  prefix: Type.Integer({ description: 'Length of the prefixes', minimum: 0, maximum: 128, examples: [26] }),
  family: Type.Optional(
    Type.Integer({ description: '4 or 6; when absent 4, but 6 for a prefix of more than 32 bits', examples: [4] }),
  ),
  limit: limitParameter('Prefixes that are listed', usuallyListed, maxListed),
});

/** Lists free prefixes of a length. Those of routes and DNS servers, which a create gets when no other is free, are not among them. */
export function addFreePrefixes(instance: FastifyInstance, pools: Pools): void {
  instance.withTypeProvider<TypeBoxTypeProvider>().route({
    method: 'GET',
    url: '/v1/pools/free',
    config: { role: 'read', isHostWide: true },
    schema: {
      operationId: 'podnetdFreePrefixes',
      summary: 'Free prefixes of a length in the pools, and how many there are',
      tags: ['networks'],
      querystring: FreePrefixesQuery,
      response: {
        200: answer('Free prefixes', FreePrefixesBody, {
          some: {
            summary: 'with `prefix=26&limit=2`',
            value: { prefixes: ['10.89.1.0/26', '10.89.1.64/26'], count: 45_812 },
          },
          none: { summary: 'the pools have none', value: { prefixes: [], count: 0 } },
        }),
        ...remediedAnswers(
          refuseLimit('/podnetd/v1/pools/free?prefix=26&limit=many', maxListed),
          exampleErrors.diskFailed,
        ),
      },
    },
    async handler(request) {
      const { prefix: prefixBits, limit = usuallyListed } = request.query;
      const family = readFamily(request.query, request.originalUrl);
      const found = await pools.findFree({ family, prefixBits }, limit);
      return { prefixes: found.prefixes.map(formatCidr), count: Number(found.count) };
    },
  });
}

/** @throws NetworkError invalid */
function readFamily({ prefix, family }: Static<typeof FreePrefixesQuery>, url: string): Family {
  const isBeyondIpv4 = prefix > bitsOf(4);
  const number = family ?? (isBeyondIpv4 ? 6 : 4);
  if (number !== 4 && number !== 6)
    throw new NetworkError('queryInvalid', { url, parameter: 'family', rule: '4 or 6' });
  if (number === 4 && isBeyondIpv4) {
    const rule = `a whole number from 0 to ${bitsOf(4)} for family 4`;
    throw new NetworkError('queryInvalid', { url, parameter: 'prefix', rule });
  }
  return number;
}
