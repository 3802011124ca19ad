import { pino } from 'pino';
import { FolderPreview } from '../cni/folder/preview.js';
import type { Config } from '../config/config.js';
import type { FleetReport } from '../model/fleet.js';
import { lookAtFleet } from './fleet.js';
import { buildLookAtUse } from './look-at-use.js';
import { buildParts } from './parts.js';

/**
 * The fleet without a daemon: takes no lock, and writes nothing.
 *
 * @param limit hosts at most
 * @returns undefined for a host that is alone @throws NetworkError storage, ConfigError for a file of own blocks that cannot be used
 */
export async function readFleet(config: Config, limit: number): Promise<FleetReport | undefined> {
  const log = pino({ enabled: false });
  const parts = buildParts(config, log);
  try {
    const { settings, reader, host, files } = parts;
    const lookAtUse = buildLookAtUse(reader, new FolderPreview(reader, host, files), settings);
    return await lookAtFleet(config, { settings, lookAtUse, log }).report(limit);
  } finally {
    parts.close();
  }
}
