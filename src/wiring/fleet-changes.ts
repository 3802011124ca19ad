import { claimingChanges, claimingPlanner } from '../fleet/changes/claiming-changes.js';
import type { FleetEngine } from '../fleet/engine.js';
import type { BlockSource } from '../fleet/changes/with-blocks.js';
import type { Cidr } from '../model/address.js';
import type { AuditedRequest } from '../model/audited-request.js';
import type { NetworkChanges } from '../network/network-service.js';
import type { NetworkPlanner } from '../network/planner.js';
import type { Services } from '../network/services.js';

export type Changing = Pick<Services, 'changes' | 'changesOf' | 'previews' | 'planner'>;

/** Builds the services that change or foresee; those that foresee decide as if this host had further blocks. */
export interface ChangingBuilders {
  readonly changes: NetworkChanges;
  readonly changesOf: (request: AuditedRequest) => NetworkChanges;
  previews(more: readonly Cidr[]): NetworkChanges;
  planner(more: readonly Cidr[]): NetworkPlanner;
}

/** @param engine that claims the blocks which a change lacks; undefined where this podnetd claims none */
export function buildChanging({ changes, changesOf, ...build }: ChangingBuilders, engine?: FleetEngine): Changing {
  const previews = build.previews([]);
  const planner = build.planner([]);
  if (engine === undefined) return { changes, changesOf, previews, planner };
  const claims: BlockSource = {
    forSubnet: async (subnet, deadline) => await engine.claimFor(subnet, deadline),
    forFamily: async (family, deadline) => await engine.grow(family, deadline),
  };
  const looks: BlockSource = {
    forSubnet: async (subnet, deadline) => await engine.findFor(subnet, deadline),
    forFamily: async (family, deadline) => await engine.findGrowth(family, deadline),
  };
  const foresee: NetworkChanges['create'] = async (request) => await previews.create(request);
  return {
    changes: claimingChanges(() => changes, foresee, claims),
    changesOf: (request) => {
      const own = changesOf(request);
      return claimingChanges(() => own, foresee, claims);
    },
    previews: claimingChanges((more) => (more.length === 0 ? previews : build.previews(more)), foresee, looks),
    planner: claimingPlanner((more) => (more.length === 0 ? planner : build.planner(more)), looks),
  };
}
