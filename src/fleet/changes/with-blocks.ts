import { formatCidr, parseCidr } from '../../ip/cidr.js';
import type { Cidr, Family } from '../../model/address.js';
import type { ErrorCode } from '../../model/errors/catalogue.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { ClaimOutcome, NoBlock, PeekOutcome } from '../claims/outcomes.js';

/** Milliseconds that a request waits for blocks, for all that it needs together. */
const longestWaitMs = 2_000;

/** Times that a request asks for blocks at most: others may use up what it got. */
const mostAsked = 16;

/** Where the blocks come from that a decision lacks: from claims, or for a preview from looks at what could be claimed. */
export interface BlockSource {
  /** All blocks that cover the subnet. @param deadline by `performance.now()` */
  forSubnet(subnet: Cidr, deadline: number): Promise<ClaimOutcome | PeekOutcome>;
  /** One more block of a pool of the family. @param within bases of the pools whose blocks have room for what is asked */
  forFamily(family: Family, deadline: number, within: readonly Cidr[]): Promise<ClaimOutcome | PeekOutcome>;
  /** Whether a reason may name other hosts, the store, and files of this host. */
  readonly namesOthers: boolean;
}

/** The block that a refused decision lacks. */
export type Need = { readonly subnet: Cidr } | { readonly family: Family; readonly within: readonly Cidr[] };

/**
 * Runs a decision, and for as long as it lacks a block of the fleet: gets the block, and runs it again.
 *
 * @param decide with blocks besides those in force at its beginning
 * @throws NetworkError of the last decision, with the reason why there is no block
 */
export async function withBlocks<T>(decide: (more: readonly Cidr[]) => Promise<T>, source: BlockSource): Promise<T> {
  let more: readonly Cidr[] = [];
  let deadline: number | undefined;
  for (let asked = 0; ; asked += 1) {
    try {
      return await decide(more);
    } catch (error) {
      const need = needOf(error);
      if (need === undefined) throw error;
      deadline ??= performance.now() + longestWaitMs;
      const isLate = asked === mostAsked || performance.now() >= deadline;
      const outcome = isLate ? undefined : await ask(need, deadline, source);
      if (outcome === undefined || !('blocks' in outcome)) throw withReason(error, describe(outcome, source));
      more = [...more, ...outcome.blocks];
    }
  }
}

/** Undefined for an error that no block would lift. */
export function needOf(error: unknown): Need | undefined {
  if (is(error, 'fleetBlockNeeded')) {
    const { subnet, hostIndex } = error.details;
    const cidr = hostIndex === undefined ? parseCidr(subnet)?.cidr : undefined;
    return cidr === undefined ? undefined : { subnet: cidr };
  }
  if (!is(error, 'subnetsExhausted')) return undefined;
  const { family, fleet } = error.details;
  if (fleet === undefined || fleet.hostIndex !== undefined) return undefined;
  return { family, within: fleet.pools.flatMap((pool) => parseCidr(pool)?.cidr ?? []) };
}

async function ask(need: Need, deadline: number, source: BlockSource): Promise<ClaimOutcome | PeekOutcome> {
  if ('subnet' in need) return await source.forSubnet(need.subnet, deadline);
  return await source.forFamily(need.family, deadline, need.within);
}

/** @param outcome undefined for a request that has waited long enough */
function describe(outcome: NoBlock | undefined, { namesOthers }: Pick<BlockSource, 'namesOthers'>): string {
  switch (outcome?.kind) {
    case undefined:
      return `no block could be had within ${longestWaitMs / 1_000} s: try again`;
    case 'owned':
      return `block ${formatCidr(outcome.block)} belongs to ${namesOthers ? `host ${outcome.owner}` : 'another host'}`;
    case 'full':
      return outcome.pools.map((pool) => `the fleet's pool ${formatCidr(pool)} has no free block`).join('; ');
    case 'unreachable':
      return `etcd cannot be reached${namesOthers ? `: ${outcome.reason}` : ''}`;
    case 'refused':
      return namesOthers ? outcome.reason : 'this host claims no block now';
  }
}

function withReason(error: unknown, reason: string): unknown {
  if (is(error, 'fleetBlockNeeded')) return new NetworkError(error.code, { ...error.details, reason });
  if (!is(error, 'subnetsExhausted') || error.details.fleet === undefined) return error;
  return new NetworkError(error.code, { ...error.details, fleet: { ...error.details.fleet, reason } });
}

function is<const C extends ErrorCode>(error: unknown, code: C): error is NetworkError<C> {
  return error instanceof NetworkError && error.code === code;
}
