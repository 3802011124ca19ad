import type { FleetSettings } from '../config/fleet.js';
import type { FleetReport, OwnBlock } from '../model/fleet.js';
import type { FleetEngine } from './engine.js';
import type { HostRelease } from './host-release.js';
import type { LookAtUse } from './given/look-at-use.js';
import type { FleetLog } from './given/parts.js';

/** The settings of a host that claims blocks in a store. */
export type StoreSettings = Extract<FleetSettings, { readonly kind: 'store' }>;

/** What the late file exports, for those who load it. */
export interface FleetLate {
  /**
   * Opens the file of own blocks, and locks it until the engine stops. The blocks of the file are in force at once; no answer of the store is
   * waited for.
   *
   * @throws FleetFileError, whose message is one line with the remedy: broken, of another host, or held by another podnetd
   */
  openFleet(settings: StoreSettings, parts: { readonly lookAtUse: LookAtUse; readonly log: FleetLog }): FleetEngine;
  /** Reads the file of own blocks without its lock; none where there is no file. @throws FleetFileError */
  readOwnBlocks(stateFile: string): readonly OwnBlock[];
  /** Asks the store without a daemon, and claims nothing. @param limit number of hosts at most @throws FleetFileError */
  reportFleet(settings: StoreSettings, limit: number, lookAtUse: LookAtUse): Promise<FleetReport>;
  /** What a release of a host's claims would give back, and the release. @throws StoreError */
  findHostToRelease(settings: StoreSettings, host: string): Promise<HostRelease>;
}
