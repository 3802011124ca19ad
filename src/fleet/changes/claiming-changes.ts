import type { ExpectedRevisions } from '../../model/revision.js';
import type { NetworkRequest } from '../../model/request.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { WithBlocks } from '../../network/claiming.js';
import type { NetworkChanges } from '../../network/network-changes.js';
import type { NetworkPlanner, RefusedPlan } from '../../network/planner.js';
import { needOf, withBlocks, type BlockSource } from './with-blocks.js';

/**
 * Changes that get the blocks of the fleet which their decision lacks, and then decide again. No lock is held in between, so that no other
 * change waits for the store.
 *
 * @param at changes that decide by the blocks in force and these ones
 * @param foresee a create that changes nothing
 */
export function claimingChanges(
  at: WithBlocks<NetworkChanges>,
  foresee: (request: NetworkRequest) => Promise<unknown>,
  blocks: BlockSource,
): NetworkChanges {
  const run = async <T>(act: (changes: NetworkChanges) => Promise<T>) =>
    await withBlocks(async (more) => await act(at(more)), blocks);
  const make = async <T>(
    request: NetworkRequest,
    expected: ExpectedRevisions,
    act: (changes: NetworkChanges) => Promise<T>,
  ) =>
    await run(async (changes) => {
      try {
        return await act(changes);
      } catch (error) {
        if (!isOutdated(error) || expected === undefined) throw error;
        throw (await findNeed(async () => await foresee(request))) ?? error;
      }
    });
  return {
    create: async (request, expected) =>
      await make(request, expected, async (changes) => await changes.create(request, expected)),
    ensure: async (request, expected) =>
      await make(request, expected, async (changes) => await changes.ensure(request, expected)),
    update: async (...given) => await run(async (changes) => await changes.update(...given)),
    remove: async (...given) => await at([]).remove(...given),
    prune: async (...given) => await at([]).prune(...given),
  };
}

/** A planner whose plans have the blocks that a create would claim. */
export function claimingPlanner(at: WithBlocks<NetworkPlanner>, blocks: BlockSource): NetworkPlanner {
  return {
    async plan(request) {
      let refused: RefusedPlan | undefined;
      try {
        return await withBlocks(async (more) => {
          refused = undefined;
          const plan = await at(more).plan(request);
          if (!('refusal' in plan)) return plan;
          refused = plan;
          throw plan.refusal;
        }, blocks);
      } catch (error) {
        if (refused === undefined || !(error instanceof NetworkError)) throw error;
        return { ...refused, refusal: error };
      }
    },
  };
}

/** A plan with a block to be claimed has the revision that there is with it, so the claim comes first. */
function isOutdated(error: unknown): boolean {
  return error instanceof NetworkError && error.code === 'revisionOutdated';
}

/** The refusal that a block would lift; undefined for success and for any other refusal. */
async function findNeed(act: () => Promise<unknown>): Promise<NetworkError | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return needOf(error) === undefined ? undefined : error;
  }
}
