import { Type, type Static } from '@sinclair/typebox';
import { formatCidr } from '../../ip/cidr.js';
import { formatSize, isPrefix } from '../../ip/prefix-size.js';
import type { PassedOver, SubnetExplanation } from '../../network/addresses/explanation.js';

/** Counts of blocks: exact up to 2^53, which only pools of IPv6 exceed. */
export const count = (description: string) => Type.Number({ description });

export const PassedOverBlocks = Type.Object(
  {
    kind: Type.String({ description: 'network, interface, route, reserved, dns-server or fleet' }),
    prefix: Type.String({
      description: 'That it has; the first of several in a row; of a fleet, the pool in which the host lacks the block',
    }),
    name: Type.Optional(
      Type.String({ description: 'Of the network, or of the interface; of a route, that it leads through' }),
    ),
    file: Type.Optional(Type.String({ description: 'Absolute path of the file that names the prefix' })),
    reason: Type.Optional(Type.String({ description: "Of a reserved prefix, in the administrator's words" })),
    first: Type.String({ description: 'First block of the run' }),
    last: Type.String({ description: 'Last block of the run' }),
    blocks: count('In the run'),
  },
  { title: 'PassedOverBlocks' },
);

/** Why a subnet is the one that it is, or what is in its way. */
export const ExplanationBody = Type.Object(
  {
    family: Type.Integer({ description: '4 or 6' }),
    requested: Type.Optional(
      Type.String({ description: 'Prefix or size in the request; absent for one that podnetd adds' }),
    ),
    subnet: Type.Optional(Type.String({ description: 'Absent for one that cannot be had' })),
    pool: Type.Optional(
      Type.Object(
        { base: Type.String(), size: Type.Integer({ description: 'Length of its blocks' }) },
        { title: 'SubnetPool', description: 'That it comes from; absent for a requested prefix and for a random one' },
      ),
    ),
    cut_from: Type.Optional(Type.String({ description: 'Free block of the pool that it is cut from' })),
    looked: count('Blocks that the search looked at, with the chosen one'),
    passed_over: Type.Array(PassedOverBlocks, {
      description:
        'Holders of the blocks before the chosen one, or of what is in the way of a requested prefix; at most 100',
    }),
    unlisted: count('Blocks, or prefixes in the way, that `passed_over` has no room for'),
  },
  { title: 'SubnetExplanation' },
);
type ExplanationBody = Static<typeof ExplanationBody>;

export function writeExplanation(explanation: SubnetExplanation): ExplanationBody {
  const { wanted, chosen, pool, cutFrom, looked, passedOver, unlisted } = explanation;
  const { family, prefixBits } = wanted;
  return {
    family,
    ...(isPrefix(wanted)
      ? { requested: formatCidr(wanted) }
      : prefixBits !== undefined && { requested: formatSize({ family, prefixBits }) }),
    ...(chosen && { subnet: formatCidr(chosen) }),
    ...(pool && { pool: { base: formatCidr(pool.base), size: pool.prefixBits } }),
    ...(cutFrom && { cut_from: formatCidr(cutFrom) }),
    looked: Number(looked),
    passed_over: passedOver.map(writePassedOver),
    unlisted: Number(unlisted),
  };
}

export function writePassedOver({ holder, first, last, blocks }: PassedOver): Static<typeof PassedOverBlocks> {
  const { kind, prefix, name, file, reason } = holder;
  return {
    kind,
    prefix: formatCidr(prefix),
    ...(name !== undefined && { name }),
    ...(file !== undefined && { file }),
    ...(reason !== undefined && { reason }),
    first: formatCidr(first),
    last: formatCidr(last),
    blocks: Number(blocks),
  };
}

/** The free subnet behind two networks. */
export const exampleExplanation: ExplanationBody = {
  family: 4,
  subnet: '10.89.2.0/24',
  pool: { base: '10.89.0.0/16', size: 24 },
  cut_from: '10.89.2.0/24',
  looked: 3,
  passed_over: [
    {
      kind: 'network',
      prefix: '10.89.0.0/24',
      name: 'shop',
      file: '/etc/cni/net.d/shop.conflist',
      first: '10.89.0.0/24',
      last: '10.89.0.0/24',
      blocks: 1,
    },
    {
      kind: 'route',
      prefix: '10.89.1.0/24',
      name: 'tun0',
      first: '10.89.1.0/24',
      last: '10.89.1.0/24',
      blocks: 1,
    },
  ],
  unlisted: 0,
};
