import { ConfigError } from '../config/config-error.js';
import type { FleetLate } from '../fleet/fleet.js';
import { reasonOf } from '../host/native-error.js';
import { loadBeside } from '../host/own-process/beside.js';

const lateFile = 'podnetd-fleet.cjs';

/** Loads what a host needs that claims blocks in a store. @throws ConfigError without its file */
export function loadFleet(): FleetLate {
  try {
    return loadBeside(lateFile) as FleetLate;
  } catch (cause) {
    const reason = reasonOf(cause).split('\n')[0];
    throw new ConfigError(`[fleet] endpoints: ${lateFile} is not beside podnetd.cjs (${reason}); install it there`, {
      cause,
    });
  }
}

/** Runs an act of the late file. @throws ConfigError for a file of own blocks that cannot be used */
export function withFleetFile<T>(act: () => T): T {
  try {
    return act();
  } catch (cause) {
    // An error of another bundle is of another class.
    if (!(cause instanceof Error) || cause.name !== 'FleetFileError') throw cause;
    throw new ConfigError(`[fleet] state_file: ${cause.message}`, { cause });
  }
}
