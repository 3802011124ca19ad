import { entry } from './entry.js';

/** Names of own blocks that a message has. */
const namedBlocks = 4;

/** Subnets in the pools of a fleet, where each host has blocks of its own. */
export const fleetErrors = {
  fleetBlockNeeded: entry({
    kind: 'exists',
    /**
     * @param d `blocks` are this host's of that pool; `hostIndex` is undefined where a host claims blocks; `reason` is why the block that the
     *   subnet needs cannot be had, undefined before anyone asked for it
     */
    message: (d: {
      subnet: string;
      pool: string;
      blocks: readonly string[];
      hostIndex: number | undefined;
      reason: string | undefined;
    }) =>
      `subnet ${d.subnet} is outside of this host's blocks: in the fleet's pool ${d.pool} it has ` +
      `${listBlocks(d)}${d.reason === undefined ? '' : `; ${d.reason}`}`,
    remedy: (d) =>
      d.blocks.length === 0
        ? "choose a subnet outside of the fleet's pools, or leave it out"
        : "choose a part of this host's blocks or a subnet outside of the fleet's pools, or leave it out",
  }),
  fleetSubnetTooWide: entry({
    kind: 'exists',
    message: (d: { subnet: string; pool: string; blockBits: number; limit: number }) =>
      `subnet ${d.subnet} overlaps more than ${d.limit} blocks of /${d.blockBits} of the fleet's pool ${d.pool}, which other hosts need: ` +
      `a host does not claim more than ${d.limit} for one subnet`,
    remedy: "choose a smaller subnet, or one outside of the fleet's pools",
  }),
  sizeBeyondBlocks: entry({
    kind: 'invalid',
    message: (d: { subnet: string; shortest: number; pool: string }) =>
      `subnet ${d.subnet} asks for a prefix that is larger than any block of the fleet: the largest, those of ${d.pool}, have ${d.shortest} bits, ` +
      'and a host cuts subnets from its own blocks',
    remedy: "ask for a longer prefix, or name a subnet outside of the fleet's pools",
  }),
};

/** The fleet's part of an exhaustion. */
export interface FleetExhaustion {
  /** The fleet's pools whose blocks have room for the subnet. */
  readonly pools: readonly string[];
  readonly hostIndex: number | undefined;
  /** Why this host gets no further block; undefined before anyone asked for one. */
  readonly reason: string | undefined;
}

/** Such as `; this host cuts subnets from its own blocks of the fleet's pool 10.64.0.0/10 alone: etcd cannot be reached`. */
export function describeFleet({ pools, hostIndex, reason }: FleetExhaustion): string {
  const kept = `; this host takes subnets from its own blocks of the fleet's ${pools.length === 1 ? 'pool' : 'pools'} ${pools.join(', ')} alone`;
  return `${kept}${hostIndex === undefined ? '' : `, by host_index ${hostIndex}`}${reason === undefined ? '' : `: ${reason}`}`;
}

/** `host_index` gives one block of each pool, which grows only on all hosts together. */
export function remedyForFleet({ hostIndex }: FleetExhaustion): string {
  return hostIndex === undefined
    ? "prune networks, name a subnet outside of the fleet's pools, or add a pool to [fleet] of podnetd.toml on each host"
    : "prune networks, name a subnet outside of the fleet's pools, or write longer subnets (size) or a further pool into [fleet] of podnetd.toml";
}

/** @returns the first of them, and how many there are more */
export function listSome(texts: readonly string[], limit: number): string {
  const more = texts.length - limit;
  return more > 0 ? `${texts.slice(0, limit).join(', ')} and ${more} more` : texts.join(', ');
}

function listBlocks({ blocks, hostIndex }: { blocks: readonly string[]; hostIndex: number | undefined }): string {
  const by = hostIndex === undefined ? '' : `, by host_index ${hostIndex}`;
  return blocks.length === 0 ? `no block${by}` : `${listSome(blocks, namedBlocks)}${by}`;
}
