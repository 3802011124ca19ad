import { covers, formatCidr } from '../ip/cidr.js';
import type { FleetState } from '../model/fleet.js';
import { metricDeclarations } from './declarations.js';
import type { NumberFamily } from './family.js';

/** What is known of the fleet without a question to anyone. */
export interface FleetFigures {
  /** Undefined for a host that is alone. */
  readonly state: FleetState | undefined;
  /** By outcome, and by code; undefined where this host claims nothing. */
  readonly counts:
    { readonly claims: ReadonlyMap<string, number>; readonly requests: ReadonlyMap<string, number> } | undefined;
}

/** None for a host that is alone. */
export function fleetFamilies({ state, counts }: FleetFigures): readonly NumberFamily[] {
  if (state === undefined) return [];
  const { store, collisions } = state;
  return [
    blockFamily(state),
    { declaration: metricDeclarations.fleetCollisions, samples: [{ labels: [], value: collisions.length }] },
    {
      declaration: metricDeclarations.fleetStoreUp,
      samples: store === undefined ? [] : [{ labels: [], value: store.isReachable ? 1 : 0 }],
    },
    { declaration: metricDeclarations.fleetClaims, samples: samplesOf(counts?.claims) },
    { declaration: metricDeclarations.fleetRequests, samples: samplesOf(counts?.requests) },
  ];
}

function blockFamily({ pools, ownBlocks }: FleetState): NumberFamily {
  const samples = pools.flatMap(({ base }) => {
    const own = ownBlocks.filter(({ block }) => covers(base, block));
    return (['own', 'releasing', 'lost'] as const).map((state) => ({
      labels: [formatCidr(base), state],
      value: own.filter((one) => one.state === state).length,
    }));
  });
  return { declaration: metricDeclarations.fleetBlocks, samples };
}

function samplesOf(counts: ReadonlyMap<string, number> = new Map()): NumberFamily['samples'] {
  return Array.from(counts, ([label, value]) => ({ labels: [label], value }));
}
