import { countBlocks } from '../ip/blocks.js';
import type { FleetHost, FleetPool, FleetPoolUse } from '../model/fleet.js';
import type { ClaimStore, Step, StoredValue } from './store/claim-store.js';
import type { Keys } from './store/keys.js';
import { readAlive, readClaim, readId } from './store/values.js';

/** Keys that one answer has. */
const pageKeys = 1_000;
/** Heartbeats that one transaction reads. */
const pageHosts = 100;

/** Milliseconds that a look at the whole fleet may take. */
export const reportMs = 2_000;

export interface FleetView {
  readonly pools: readonly FleetPoolUse[];
  readonly hosts: readonly FleetHost[];
  readonly unlistedHosts: number;
}

/** The fleet as the store shows it, page by page. @param limit number of hosts at most @throws StoreError */
export async function viewFleet(
  store: ClaimStore,
  keys: Keys,
  pools: readonly FleetPool[],
  limit: number,
  deadline: number,
): Promise<FleetView> {
  const counts = pools.map((pool): Step => ({ kind: 'count', ...keys.blocksBetween(pool, 0n, countBlocks(pool)) }));
  const { steps } = await store.run({ success: [...counts, { kind: 'count', ...keys.ids }] }, deadline);
  const hosts = await listHosts(store, keys, limit, deadline);
  return {
    pools: pools.map((pool, at) => ({ ...pool, blocks: countBlocks(pool), claimed: BigInt(steps[at]?.count ?? 0) })),
    hosts,
    unlistedHosts: Math.max((steps.at(-1)?.count ?? 0) - hosts.length, 0),
  };
}

async function listHosts(
  store: ClaimStore,
  keys: Keys,
  limit: number,
  deadline: number,
): Promise<readonly FleetHost[]> {
  const hosts: FleetHost[] = [];
  let after: string | undefined;
  while (hosts.length < limit) {
    const range = {
      ...keys.ids,
      ...(after !== undefined && { key: `${after}\0` }),
      limit: Math.min(pageHosts, limit - hosts.length),
    };
    const [ids] = (await store.run({ success: [{ kind: 'read', ...range }] }, deadline)).steps;
    const found = ids?.found ?? [];
    hosts.push(...(await readHosts(store, keys, found, deadline)));
    after = found.at(-1)?.key;
    if (after === undefined || (ids?.count ?? 0) <= found.length) break;
  }
  return hosts;
}

async function readHosts(
  store: ClaimStore,
  keys: Keys,
  ids: readonly StoredValue[],
  deadline: number,
): Promise<readonly FleetHost[]> {
  if (ids.length === 0) return [];
  const names = ids.map(({ key }) => keys.hostOf(key));
  const read = async (make: (host: string) => Step) => (await store.run({ success: names.map(make) }, deadline)).steps;
  const alive = await read((host) => ({ kind: 'read', key: keys.alive(host) }));
  const claims = await read((host) => ({ kind: 'read', ...keys.hostBlocks(host), limit: pageKeys }));
  return ids.map(({ value }, at): FleetHost => {
    const { name, time } = readId(value);
    const beat = alive[at]?.found[0];
    const vital = beat && readAlive(beat.value);
    const blocks = (claims[at]?.found ?? []).flatMap((claim) => readClaim(claim.value).block ?? []);
    const freeOf = (base: bigint) => vital?.blocks.find((each) => each.block.base === base)?.free;
    return {
      host: names[at] ?? '',
      name,
      isAlive: vital !== undefined,
      lastSeen: latest(time, vital?.time),
      networks: vital?.networks,
      blocks: blocks.map((block) => ({ block, free: freeOf(block.base) })),
    };
  });
}

function latest(...times: readonly (Date | undefined)[]): Date | undefined {
  return times.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a));
}
