import t from 'tap';
import { withBlocks, type BlockSource } from '../../src/fleet/changes/with-blocks.js';
import type { ClaimOutcome } from '../../src/fleet/claims/outcomes.js';
import { formatCidr } from '../../src/ip/cidr.js';
import type { Cidr } from '../../src/model/address.js';
import { NetworkError } from '../../src/model/errors/errors.js';
import { cidr } from '../support/addresses.js';

const block = cidr('10.64.16.0/20');

function lacksSubnet(hostIndex?: number): NetworkError {
  const named = { subnet: '10.64.16.0/24', pool: '10.64.0.0/12', blocks: [] };
  return new NetworkError('fleetBlockNeeded', { ...named, hostIndex, reason: undefined });
}

function lacksRoom(): NetworkError {
  const fleet = { pools: ['10.64.0.0/12', '10.96.0.0/12'], hostIndex: undefined, reason: undefined };
  return new NetworkError('subnetsExhausted', { family: 4, pools: [], users: [], fleet });
}

/** A source whose answers are all the same, and what it was asked for. */
function makeSource(outcome: ClaimOutcome, namesOthers = true): BlockSource & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = async (text: string, deadline: number) => {
    asked.push(text);
    t.ok(deadline > performance.now() && deadline <= performance.now() + 2_000);
    return await Promise.resolve(outcome);
  };
  return {
    asked,
    namesOthers,
    forSubnet: async (subnet, deadline) => await answer(formatCidr(subnet), deadline),
    forFamily: async (family, deadline, within) =>
      await answer([family, ...within.map(formatCidr)].join(' '), deadline),
  };
}

t.test('a decision that lacks no block asks for none', async (t) => {
  const source = makeSource({ kind: 'claimed', blocks: [] });
  t.equal(await withBlocks(async () => await Promise.resolve(1), source), 1);
  const other = lacksSubnet(3);
  await t.rejects(
    withBlocks(async () => await Promise.reject(other), source),
    other,
    'an index claims nothing',
  );
  t.same(source.asked, []);
});

t.test('a decision runs again with all blocks that it got', async (t) => {
  const source = makeSource({ kind: 'claimed', blocks: [block] });
  const seen: (readonly Cidr[])[] = [];
  const decide = async (more: readonly Cidr[]) => {
    seen.push(more);
    if (more.length === 0) throw lacksSubnet();
    if (more.length === 1) throw lacksRoom();
    return await Promise.resolve('made');
  };
  t.equal(await withBlocks(decide, source), 'made');
  t.same(seen, [[], [block], [block, block]]);
  t.same(source.asked, ['10.64.16.0/24', '4 10.64.0.0/12 10.96.0.0/12'], 'blocks of the pools with room alone');
});

t.test('a decision asks sixteen times at most', async (t) => {
  const source = makeSource({ kind: 'claimed', blocks: [] });
  await t.rejects(
    withBlocks(async () => await Promise.reject(lacksRoom()), source),
    /no block could be had within 2 s: try again/,
  );
  t.equal(source.asked.length, 16);
});

t.test('a refusal has its reason, and names others to whom may know of them', async (t) => {
  const owner = 'web1 (6a1d)';
  const reasons: readonly (readonly [ClaimOutcome, RegExp, RegExp])[] = [
    [{ kind: 'owned', block, owner }, /belongs to host web1 \(6a1d\)$/, /10\.64\.16\.0\/20 belongs to another host$/],
    [{ kind: 'full', pools: [block] }, /pool 10\.64\.16\.0\/20 has no free block$/, /has no free block$/],
    [{ kind: 'unreachable', reason: 'https://etcd1: refused' }, /reached: https:\/\/etcd1: refused$/, /be reached$/],
    [{ kind: 'refused', reason: 'host web1 twice' }, /host web1 twice$/, /this host claims no block now$/],
  ];
  for (const [outcome, whole, short] of reasons)
    for (const error of [lacksSubnet(), lacksRoom()]) {
      const run = async (names: boolean) =>
        await withBlocks(async () => await Promise.reject(error), makeSource(outcome, names));
      await t.rejects(run(true), { code: error.code, message: whole });
      await t.rejects(run(false), { code: error.code, message: short });
    }
});
