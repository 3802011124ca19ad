import { writeFleet, type FleetBody } from '../../api/podnetd/fleet.js';
import { maxListed } from '../../api/podnetd/listed-limit.js';
import type { Config } from '../../config/config.js';
import { complain } from '../../host/own-process/print.js';
import { readFleet } from '../../wiring/read-fleet.js';
import type { Source } from '../drawing/view.js';
import { MapError } from '../map-error.js';
import { questions } from './daemon.js';
import { findReport, type Wanted } from './find.js';

/** The fleet as a daemon shows it, or without one as its store and the file of own blocks do. @throws MapError, ConfigError */
export async function findFleet(
  wanted: Wanted,
  config: Config,
  { isFleet }: { readonly isFleet: (body: unknown) => body is FleetBody },
): Promise<{ readonly source: Source; readonly report: FleetBody }> {
  const found = await findReport(wanted, config, {
    url: questions.fleet,
    isReport: isFleet,
    readHere: async () => {
      for (const warning of config.warnings) complain(warning);
      return writeFleet(await readFleet(config, maxListed));
    },
  });
  if (found.report.kind !== 'none') return found;
  throw new MapError('this host is in no fleet: give it one by the table [fleet] of podnetd.toml, and restart podnetd');
}
