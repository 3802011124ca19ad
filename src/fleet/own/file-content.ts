import { formatCidr } from '../../ip/cidr.js';
import type { OwnBlock } from '../../model/fleet.js';
import { asObject, isObject, textOf } from '../../model/json-object.js';
import { parseBlock } from '../store/keys.js';

/** A block in the file; see {@link OwnBlock}. */
export interface FileBlock extends OwnBlock {
  readonly claimedAt: Date;
  /** When it was first seen without a network; undefined for a block with one. */
  readonly emptySince: Date | undefined;
}

/** The file of own blocks. */
export interface FileContent {
  readonly host: string;
  /** Random, made with the file. */
  readonly instance: string;
  /** Of the store that acknowledged the blocks last. */
  readonly clusterId: string | undefined;
  readonly revision: bigint | undefined;
  readonly blocks: readonly FileBlock[];
}

const version = 1;
const states = ['own', 'releasing', 'lost'] as const;

export function writeContent({ host, instance, clusterId, revision, blocks }: FileContent): string {
  const list = blocks.map(({ block, state, claimedAt, emptySince }) => ({
    block: formatCidr(block),
    state,
    claimedAt: claimedAt.toISOString(),
    emptySince: emptySince?.toISOString(),
  }));
  const content = { version, host, instance, clusterId, revision: revision?.toString(), blocks: list };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** @throws Error whose message says what is wrong */
export function readContent(text: string): FileContent {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error('it is no JSON object');
  if (value['version'] !== version) throw new Error(`its version is not ${version}`);
  const { host, instance, clusterId, revision, blocks } = value;
  if (textOf(host) === '' || textOf(instance) === '') throw new Error('it names no host and instance');
  if (!Array.isArray(blocks)) throw new Error('it has no list of blocks');
  return {
    host: textOf(host),
    instance: textOf(instance),
    clusterId: textOf(clusterId) || undefined,
    revision: /^\d+$/.test(textOf(revision)) ? BigInt(textOf(revision)) : undefined,
    blocks: blocks.map(readBlock),
  };
}

function readBlock(value: unknown, index: number): FileBlock {
  const { block, state, claimedAt, emptySince } = asObject(value);
  const prefix = parseBlock(block);
  const known = states.find((each) => each === state);
  const time = new Date(textOf(claimedAt));
  if (prefix === undefined || known === undefined || Number.isNaN(time.getTime()))
    throw new Error(`its block ${index + 1} has no sound block, state or claimedAt`);
  const empty = new Date(textOf(emptySince));
  return {
    block: prefix,
    state: known,
    claimedAt: time,
    emptySince: Number.isNaN(empty.getTime()) ? undefined : empty,
  };
}
