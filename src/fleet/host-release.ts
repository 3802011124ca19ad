import type { Cidr } from '../model/address.js';
import { readPages } from './claims/claimer.js';
import { StoreError, type ClaimStore, type Step, type StoredValue } from './store/claim-store.js';
import type { Keys } from './store/keys.js';
import { readAlive, readClaim, readId } from './store/values.js';

/** Blocks of one transaction: two deletes each. */
const pageBlocks = 60;
const mostTries = 4;
const requestMs = 10_000;

/** The claims of a host that an administrator wants to give back. */
export interface HostRelease {
  readonly host: string;
  /** Undefined for a host that the store does not know. */
  readonly name: string | undefined;
  readonly isAlive: boolean;
  /** Of its last heartbeat that the store knows. */
  readonly lastSeen: Date | undefined;
  readonly blocks: readonly Cidr[];
  /**
   * Gives all claims back, those too that came since.
   *
   * @returns the blocks that are free now; 'alive' where the host's heartbeat lives, and then those that are left stay claimed
   * @throws StoreError
   */
  release(): Promise<readonly Cidr[] | 'alive'>;
}

/** @throws StoreError */
export async function findHostToRelease(store: ClaimStore, keys: Keys, host: string): Promise<HostRelease> {
  const reads: readonly Step[] = [keys.hostId(host), keys.alive(host)].map((key) => ({ kind: 'read', key }));
  const { steps } = await store.run({ success: reads }, deadline());
  const [idText, aliveText] = steps.map(({ found }) => found[0]?.value);
  const id = idText === undefined ? undefined : readId(idText);
  const claims = await readPages(store, keys.hostBlocks(host), deadline());
  return {
    host,
    name: id?.name ?? (claims[0] && readClaim(claims[0].value).name),
    isAlive: aliveText !== undefined,
    lastSeen: aliveText === undefined ? id?.time : readAlive(aliveText).time,
    blocks: claims.flatMap(({ value }) => readClaim(value).block ?? []),
    release: async () => await releaseAll(store, keys, host),
  };
}

async function releaseAll(store: ClaimStore, keys: Keys, host: string): Promise<readonly Cidr[] | 'alive'> {
  const released: Cidr[] = [];
  for (let tries = 0; tries < mostTries;) {
    const range = { kind: 'read', ...keys.hostBlocks(host), limit: pageBlocks } as const;
    const [page] = (await store.run({ success: [range] }, deadline())).steps;
    const claims = page?.found ?? [];
    if (claims.length === 0 && (await forget(store, keys, host))) return released;
    const outcome = await releaseSome(store, keys, host, claims);
    if (outcome === 'alive') return 'alive';
    if (outcome === undefined) tries += 1;
    else released.push(...outcome);
  }
  throw new StoreError('unreachable', `the claims of the host ${host} change all the time`);
}

/** @returns the blocks that are free now; undefined where claims have changed meanwhile */
async function releaseSome(
  store: ClaimStore,
  keys: Keys,
  host: string,
  listed: readonly StoredValue[],
): Promise<readonly Cidr[] | 'alive' | undefined> {
  const alive = keys.alive(host);
  const claims = listed.map(({ key, value }) => ({ hostKey: key, value, block: readClaim(value).block }));
  const reads = claims.map(({ block, hostKey }): Step => ({ kind: 'read', key: block ? keys.block(block) : hostKey }));
  const standing = (await store.run({ success: [{ kind: 'read', key: alive }, ...reads] }, deadline())).steps;
  if (standing[0]?.found.length !== 0) return 'alive';
  // A second key whose block another host has goes alone.
  const isHeld = claims.map(({ value }, at) => standing[at + 1]?.found[0]?.value === value);
  const held = claims.filter((_, at) => isHeld[at]);
  const { isMet, steps } = await store.run(
    {
      when: [
        { key: alive, value: undefined },
        ...held.flatMap(({ block, value }) => (block ? [{ key: keys.block(block), value }] : [])),
      ],
      success: [
        ...held.flatMap(({ block }): readonly Step[] => (block ? [{ kind: 'delete', key: keys.block(block) }] : [])),
        ...claims.map(({ hostKey }): Step => ({ kind: 'delete', key: hostKey })),
      ],
      failure: [{ kind: 'read', key: alive }, ...claims.map(({ hostKey }): Step => ({ kind: 'read', key: hostKey }))],
    },
    deadline(),
  );
  const [now, ...left] = steps;
  // The answer of an earlier try was lost.
  const isGone = isMet || left.every(({ found }) => found.length === 0);
  if (!isMet && !isGone && now?.found.length !== 0) return 'alive';
  return isGone ? held.flatMap(({ block }) => block ?? []) : undefined;
}

/** Deletes the id of a host that has no claim. @returns false where its heartbeat has come back */
async function forget(store: ClaimStore, keys: Keys, host: string): Promise<boolean> {
  const { isMet, steps } = await store.run(
    {
      when: [{ key: keys.alive(host), value: undefined }],
      success: [{ kind: 'delete', key: keys.hostId(host) }],
      failure: [{ kind: 'read', key: keys.alive(host) }],
    },
    deadline(),
  );
  return isMet || steps[0]?.found.length === 0;
}

function deadline(): number {
  return performance.now() + requestMs;
}
