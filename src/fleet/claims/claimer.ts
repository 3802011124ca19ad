import { formatCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import type { HostIdentity, Surroundings } from '../given/parts.js';
import {
  StoreError,
  type ClaimStore,
  type KeyRange,
  type Step,
  type StepAnswer,
  type StoreMoment,
  type StoredValue,
} from '../store/claim-store.js';
import type { Keys } from '../store/keys.js';
import { describeOwner, readClaim, writeClaim, type ClaimValue } from '../store/values.js';
import type { Membership } from './membership.js';

const mostTries = 6;
/** Keys that one answer has. */
const pageKeys = 500;

export type Claimed =
  | { readonly kind: 'claimed'; readonly acknowledged: StoreMoment }
  | { readonly kind: 'owned'; readonly block: Cidr; readonly owner: string };

/** Writes, reads and deletes claims of this host. */
export class Claimer {
  constructor(
    private readonly store: ClaimStore,
    private readonly keys: Keys,
    private readonly self: HostIdentity,
    private readonly membership: Membership,
    private readonly surroundings: Surroundings,
  ) {}

  /**
   * Claims all of some blocks, or none. A claim that this host has already is written anew: a delete of the former one that is still under way
   * then does nothing.
   *
   * @param blocks some sixteen at most @throws StoreError
   */
  async claim(blocks: readonly Cidr[], deadline: number): Promise<Claimed> {
    const wanted = blocks.map((block) => ({ block, key: this.keys.block(block), value: this.#makeValue(block) }));
    let seen: readonly (string | undefined)[] = wanted.map(() => undefined);
    for (let tries = 0; tries < mostTries; tries += 1) {
      const conditions = await this.membership.conditions(deadline);
      const { isMet, steps, revision, clusterId } = await this.store.run(
        {
          when: [...conditions, ...wanted.map(({ key }, at) => ({ key, value: seen[at] }))],
          success: wanted.flatMap(({ block, key, value }): readonly Step[] => [
            { kind: 'put', key, value },
            { kind: 'put', key: this.keys.hostBlock(this.self.host, block), value },
          ]),
          failure: [...this.membership.reads, ...wanted.map(({ key }): Step => ({ kind: 'read', key }))],
        },
        deadline,
      );
      const acknowledged = { clusterId, revision };
      if (isMet) return { kind: 'claimed', acknowledged };
      const found = steps.slice(2).map((step) => step.found[0]?.value);
      // The answer of an earlier try was lost.
      if (wanted.every(({ value }, at) => found[at] === value)) return { kind: 'claimed', acknowledged };
      for (const [at, { block }] of wanted.entries()) {
        const text = found[at];
        if (text === undefined) continue;
        const owner = this.ownerOf(readClaim(text));
        if (owner !== undefined) return { kind: 'owned', block, owner };
      }
      seen = found;
      this.membership.check(steps);
    }
    throw new StoreError('unreachable', `the claims of ${blocks.map(formatCidr).join(', ')} change all the time`);
  }

  /** Deletes the claim of a block that this host has no more in its file. Another host's claim stays. @throws StoreError */
  async release(block: Cidr, deadline: number): Promise<void> {
    const { host } = this.self;
    const [key, hostKey] = [this.keys.block(block), this.keys.hostBlock(host, block)];
    const conditions = await this.membership.conditions(deadline);
    const { steps } = await this.store.run({ success: [{ kind: 'read', key }] }, deadline);
    const value = steps[0]?.found[0]?.value;
    const isOurs = value !== undefined && readClaim(value).host === host;
    await this.store.run(
      {
        when: [...conditions, { key, value }],
        success: [...(isOurs ? [{ kind: 'delete', key } as const] : []), { kind: 'delete', key: hostKey }],
        failure: [],
      },
      deadline,
    );
  }

  /** The claims of blocks, each undefined where there is none. @throws StoreError */
  async read(blocks: readonly Cidr[], deadline: number): Promise<readonly (ClaimValue | undefined)[]> {
    return await readClaims(this.store, this.keys, blocks, deadline);
  }

  /** The name of the other host that has a claim; undefined where there is none, or it is this host's. */
  ownerOf(claim: ClaimValue | undefined): string | undefined {
    return claim === undefined || claim.host === this.self.host ? undefined : describeOwner(claim);
  }

  /** The blocks that the store lists for this host. @throws StoreError */
  async listOwn(deadline: number): Promise<readonly Cidr[]> {
    const values = await readPages(this.store, this.keys.hostBlocks(this.self.host), deadline);
    return values.flatMap(({ value }) => readClaim(value).block ?? []);
  }

  #makeValue(block: Cidr): string {
    const { host, name, instance } = this.self;
    const { surroundings } = this;
    return writeClaim({ block, host, name, instance, token: surroundings.makeToken(), time: surroundings.time() });
  }
}

const mostReads = 100;

function readFirst({ found }: StepAnswer): ClaimValue | undefined {
  const [first] = found;
  return first && readClaim(first.value);
}

/** See {@link Claimer.read}. @throws StoreError */
export async function readClaims(
  store: ClaimStore,
  keys: Keys,
  blocks: readonly Cidr[],
  deadline: number,
): Promise<readonly (ClaimValue | undefined)[]> {
  const claims: (ClaimValue | undefined)[] = [];
  for (let at = 0; at < blocks.length; at += mostReads) {
    const page = blocks.slice(at, at + mostReads);
    const reads = page.map((block): Step => ({ kind: 'read', key: keys.block(block) }));
    const { steps } = await store.run({ success: reads }, deadline);
    claims.push(...steps.map(readFirst));
  }
  return claims;
}

/** All keys of a range with their values. @throws StoreError */
export async function readPages(store: ClaimStore, range: KeyRange, deadline: number): Promise<readonly StoredValue[]> {
  const values: StoredValue[] = [];
  let { key } = range;
  for (;;) {
    const read: Step = { kind: 'read', ...range, key, limit: pageKeys };
    const [page] = (await store.run({ success: [read] }, deadline)).steps;
    values.push(...(page?.found ?? []));
    const last = page?.found.at(-1);
    if (page === undefined || last === undefined || page.count <= page.found.length) return values;
    key = `${last.key}\0`;
  }
}
