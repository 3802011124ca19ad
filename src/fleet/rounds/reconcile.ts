import { formatCidr } from '../../ip/cidr.js';
import type { Cidr } from '../../model/address.js';
import type { Claimer } from '../claims/claimer.js';
import type { Membership } from '../claims/membership.js';
import type { FleetLog, HostIdentity } from '../given/parts.js';
import type { FileBlock } from '../own/file-content.js';
import type { OwnBlocks } from '../own/own-blocks.js';
import type { ClaimValue } from '../store/values.js';
import type { WatchedStore } from '../store/watched-store.js';
import type { BlockKeeper } from './block-keeper.js';

export interface ReconcileParts {
  readonly keeper: BlockKeeper;
  readonly claimer: Claimer;
  readonly membership: Pick<Membership, 'verify' | 'problem'>;
  readonly store: Pick<WatchedStore, 'moment'>;
  readonly own: OwnBlocks;
  readonly self: HostIdentity;
  readonly log: FleetLog;
  /** A deadline for the next request. */
  deadline(): number;
}

/** A block of the file with its claim; undefined where the store has none. */
type Compared = FileBlock & { readonly claim: ClaimValue | undefined };

/**
 * Makes file and store agree. A block that another host has claimed goes out of force, also while this host may claim nothing itself. A claim that the
 * store lost, as one that was restored from an old copy does, is made again. A claim that the file lacks is taken into it: podnetd died between claim and
 * file, or between file and release.
 *
 * @throws StoreError, FleetFileError
 */
export async function reconcile(parts: ReconcileParts): Promise<void> {
  await parts.keeper.alone(async () => {
    const compared = await compare(parts);
    for (const one of compared) {
      const owner = parts.claimer.ownerOf(one.claim);
      if (owner !== undefined) await loseTo(parts, one.block, owner);
    }
    await takePlace(parts, compared);
    for (const one of compared) if (isToClaim(parts, one)) await claimAgain(parts, one.block);
    await takeUnknown(parts);
    await noteMoment(parts);
  });
}

async function compare(parts: ReconcileParts): Promise<readonly Compared[]> {
  const { blocks } = parts.own;
  const claims = await parts.claimer.read(
    blocks.map(({ block }) => block),
    parts.deadline(),
  );
  return blocks.map((each, at) => ({ ...each, claim: claims[at] }));
}

async function loseTo({ own, log }: ReconcileParts, block: Cidr, owner: string): Promise<void> {
  const found = own.find(block);
  if (found?.state === 'releasing') await own.change([[block, undefined]]);
  if (found?.state !== 'own') return;
  log.warn(
    { block: formatCidr(block), owner },
    'another host has claimed a block of this one meanwhile; no subnet comes from it any more, and its networks stay',
  );
  await own.change([[block, { ...found, state: 'lost' }]]);
}

/** Another machine that has this host's name and wrote a claim anew has the block in its own file. */
async function takePlace(parts: ReconcileParts, compared: readonly Compared[]): Promise<void> {
  const { membership, self } = parts;
  try {
    await membership.verify(parts.deadline());
  } catch (error) {
    for (const one of compared)
      if (membership.problem?.code === 'host-twice' && isOurs(parts, one) && one.claim?.instance !== self.instance)
        await loseTo(parts, one.block, self.host);
    throw error;
  }
}

function isOurs({ self }: ReconcileParts, { claim }: Compared): boolean {
  return claim?.host === self.host;
}

function isToClaim(parts: ReconcileParts, one: Compared): boolean {
  if (one.state === 'own')
    return one.claim === undefined || (isOurs(parts, one) && one.claim.instance !== parts.self.instance);
  return one.state === 'lost' && isOurs(parts, one);
}

async function claimAgain(parts: ReconcileParts, block: Cidr): Promise<void> {
  const outcome = await parts.keeper.claimAlone([block], parts.deadline());
  if (outcome.kind === 'owned') await loseTo(parts, block, outcome.owner);
  if (outcome.kind === 'claimed') parts.log.info({ block: formatCidr(block) }, 'claimed a block of the file again');
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

/** A file that knows a later moment than the store would take it for an older one at each start. */
async function noteMoment({ store: { moment }, own }: ReconcileParts): Promise<void> {
  const { known } = own;
  if (moment === undefined || known === undefined) return;
  if (known.clusterId !== moment.clusterId || known.revision > moment.revision) await own.change([], moment);
}
