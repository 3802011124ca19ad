import { formatCidr } from '../../ip/cidr.js';
import type { Claimer } from '../claims/claimer.js';
import type { ClaimOutcome } from '../claims/outcomes.js';
import type { FileBlock } from '../own/file-content.js';
import type { OwnBlocks } from '../own/own-blocks.js';
import type { FleetLog, HostIdentity } from '../given/parts.js';
import { StoreError } from '../store/claim-store.js';
import type { ClaimValue } from '../store/values.js';
import type { BlockKeeper } from './block-keeper.js';

export interface ReconcileParts {
  readonly keeper: BlockKeeper;
  readonly claimer: Claimer;
  readonly own: OwnBlocks;
  readonly self: HostIdentity;
  readonly log: FleetLog;
  /** A deadline for the next request. */
  deadline(): number;
}

/**
 * Makes file and store agree. A claim that the store lost, as one that was restored from an old copy does, is made again, unless another host
 * has the block now: then it goes out of force. A claim that the file lacks is taken into it: podnetd died between claim and file, or between file
 * and release.
 *
 * @throws StoreError, and Error of node:fs
 */
export async function reconcile(parts: ReconcileParts): Promise<void> {
  await parts.keeper.alone(async () => {
    const { claimer, own } = parts;
    const blocks = own.blocks;
    const claims = await claimer.read(
      blocks.map(({ block }) => block),
      parts.deadline(),
    );
    for (const [at, block] of blocks.entries()) await settle(parts, block, claims[at]);
    await takeUnknown(parts);
  });
}

/** @param claim of the block; undefined where the store has none */
async function settle(parts: ReconcileParts, found: FileBlock, claim: ClaimValue | undefined): Promise<void> {
  const { claimer, own, self, log } = parts;
  const { block, ...facts } = found;
  const isOurs = claim?.host === self.host;
  switch (found.state) {
    case 'own': {
      if (isOurs && claim.instance === self.instance) return;
      const owner = claimer.ownerOf(claim);
      const outcome = owner === undefined ? await claimAgain(parts, block) : { kind: 'owned', owner };
      if (outcome.kind !== 'owned') return;
      log.warn(
        { block: formatCidr(block), owner: outcome.owner },
        'another host has claimed a block of this one meanwhile; no subnet comes from it any more, and its networks stay',
      );
      await own.change([[block, { ...facts, state: 'lost' }]]);
      return;
    }
    case 'lost':
      if (isOurs) await claimAgain(parts, block);
      return;
    case 'releasing':
      if (!isOurs) await own.change([[block, undefined]]);
      return;
  }
}

async function claimAgain(parts: ReconcileParts, block: FileBlock['block']): Promise<ClaimOutcome> {
  const outcome = await parts.keeper.claimAlone([block], parts.deadline());
  if (outcome.kind === 'refused') throw new StoreError('refused', outcome.reason);
  if (outcome.kind === 'claimed') parts.log.info({ block: formatCidr(block) }, 'claimed a block of the file again');
  return outcome;
}

async function takeUnknown(parts: ReconcileParts): Promise<void> {
  const { claimer, own, log } = parts;
  for (const block of await claimer.listOwn(parts.deadline())) {
    if (own.find(block) !== undefined) continue;
    const outcome = await parts.keeper.claimAlone([block], parts.deadline());
    if (outcome.kind === 'claimed') log.info({ block: formatCidr(block) }, 'took a claim of this host into its file');
    // The second key of a claim that another host has: it goes.
    if (outcome.kind === 'owned') await claimer.release(block, parts.deadline());
  }
}
