import os from 'node:os';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import type { FleetEngine } from '../fleet/engine.js';
import { indexReport, indexState } from '../fleet/index-fleet.js';
import type { LookAtUse } from '../fleet/given/look-at-use.js';
import { noFleet, type Fleet } from '../network/dependencies/fleet.js';
import { loadFleet, withFleetFile } from './load-fleet.js';
import type { SettingsInForce } from './settings-in-force.js';

/** The fleet as a podnetd has it. */
export interface WiredFleet extends Fleet {
  /** Undefined where this podnetd claims nothing. */
  readonly engine: FleetEngine | undefined;
}

export interface FleetParts {
  readonly settings: Pick<SettingsInForce, 'replaceBlocks'>;
  readonly lookAtUse: LookAtUse;
  readonly log: Logger;
}

/** Puts the blocks of this host in force. @throws ConfigError for a file of own blocks that cannot be used */
export type OpenFleet = (config: Pick<Config, 'fleet'>, parts: FleetParts) => WiredFleet;

/** For a daemon, which claims blocks and alone may write their file. Its engine is not started. */
export const openFleet: OpenFleet = ({ fleet }, { settings, lookAtUse, log }) => {
  if (fleet?.kind !== 'store') return withoutStore(fleet, lookAtUse);
  const late = loadFleet();
  const engine = withFleetFile(() => late.openFleet(fleet, { lookAtUse, log }));
  settings.replaceBlocks(engine.ownBlocks);
  engine.onChange((own) => settings.replaceBlocks(own));
  return {
    engine,
    get state() {
      return engine.state;
    },
    report: async (limit) => await engine.report(limit),
  };
};

/** For a podnetd beside the daemon, or without one: it claims nothing, and writes and locks nothing. */
export const lookAtFleet: OpenFleet = ({ fleet }, { settings, lookAtUse }) => {
  if (fleet?.kind !== 'store') return withoutStore(fleet, lookAtUse);
  const late = loadFleet();
  const blocks = withFleetFile(() => late.readOwnBlocks(fleet.stateFile));
  settings.replaceBlocks(blocks.filter(({ state }) => state === 'own').map(({ block }) => block));
  return {
    engine: undefined,
    state: undefined,
    report: async (limit) => await late.reportFleet(fleet, limit, lookAtUse),
  };
};

function withoutStore(fleet: Exclude<Config['fleet'], { kind: 'store' }>, lookAtUse: LookAtUse): WiredFleet {
  if (fleet === undefined) return { engine: undefined, ...noFleet };
  const state = indexState(fleet, os.hostname());
  return { engine: undefined, state, report: async () => indexReport(state, await lookAtUse()) };
}
