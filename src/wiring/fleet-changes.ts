import { claimingChanges, claimingPlanner } from '../fleet/changes/claiming-changes.js';
import type { BlockSource } from '../fleet/changes/with-blocks.js';
import type { FleetEngine } from '../fleet/engine.js';
import type { Claiming } from '../network/claiming.js';

/**
 * @param engine that claims the blocks which a change lacks
 * @param namesOthers whether a refusal may name other hosts, the store, and files of this host
 */
export function claimThrough(engine: FleetEngine, namesOthers: boolean): Claiming {
  const claims: BlockSource = {
    forSubnet: async (subnet, deadline) => await engine.claimFor(subnet, deadline),
    forFamily: async (family, deadline, within) => await engine.grow(family, deadline, within),
    namesOthers,
  };
  const looks: BlockSource = {
    forSubnet: async (subnet, deadline) => await engine.findFor(subnet, deadline),
    forFamily: async (family, deadline, within) => await engine.findGrowth(family, deadline, within),
    namesOthers,
  };
  return {
    changes: (changes, foreseen) =>
      claimingChanges(
        () => changes,
        async (request) => await foreseen.create(request),
        claims,
      ),
    previews(at) {
      const usual = at([]);
      return claimingChanges(
        (more) => (more.length === 0 ? usual : at(more)),
        async (request) => await usual.create(request),
        looks,
      );
    },
    planner(at) {
      const usual = at([]);
      return claimingPlanner((more) => (more.length === 0 ? usual : at(more)), looks);
    },
  };
}
