import type { FleetSettings } from '../config/fleet.js';
import { countBlocks, cutByIndex } from '../ip/blocks.js';
import { isSameCidr } from '../ip/cidr.js';
import type { FleetReport, FleetState } from '../model/fleet.js';
import type { HostUse } from './given/look-at-use.js';

/** The state of a host whose blocks follow from an index, which never changes. @param name of the host, for people */
export function indexState({ pools, hostIndex }: Extract<FleetSettings, { kind: 'index' }>, name: string): FleetState {
  const ownBlocks = cutByIndex(pools, hostIndex).map((block) => ({
    block,
    state: 'own' as const,
    claimedAt: undefined,
  }));
  return {
    kind: 'index',
    host: String(hostIndex),
    name,
    store: undefined,
    pools,
    ownBlocks,
    collisions: [],
    problems: [],
  };
}

/** Without a store a host knows of itself alone. */
export function indexReport(state: FleetState, { networks, pools: measured }: HostUse): FleetReport {
  const blocks = state.ownBlocks.map(({ block }) => ({
    block,
    free: measured.find(({ pool }) => isSameCidr(pool.base, block))?.free,
  }));
  const { host, name } = state;
  return {
    ...state,
    pools: state.pools.map((pool) => ({ ...pool, blocks: countBlocks(pool), claimed: undefined })),
    hosts: [{ host, name, isAlive: true, lastSeen: undefined, networks, blocks }],
    unlistedHosts: 0,
  };
}
