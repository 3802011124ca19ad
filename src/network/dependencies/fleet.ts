import type { FleetReport, FleetState } from '../../model/fleet.js';

/** Shows the fleet that this host belongs to. */
export interface Fleet {
  /** Without a question to the store; undefined for a host that is alone. */
  readonly state: FleetState | undefined;
  /** Asks the store of the fleet, for two seconds at most. @param limit hosts at most @returns undefined for a host that is alone */
  report(limit: number): Promise<FleetReport | undefined>;
}

/** The fleet of a host that is alone. */
export const noFleet: Fleet = { state: undefined, report: async () => await Promise.resolve(undefined) };
