import { pino } from 'pino';
import { FolderPreview } from '../cni/folder/preview.js';
import type { Config } from '../config/config.js';
import type { FileProblem } from '../network/dependencies/stored-network.js';
import { buildPools, type PoolReport } from '../network/pools.js';
import { lookAtFleet } from './fleet.js';
import { buildLookAtUse } from './look-at-use.js';
import { buildParts } from './parts.js';

/** The pools as a daemon with the same settings would measure them. */
export interface PoolsHere {
  readonly report: PoolReport;
  /** Files whose prefixes may be missing from the report. */
  readonly problems: readonly FileProblem[];
}

/** Measures the pools without a daemon: takes no lock, and writes nothing. @param listed see {@link PoolReport} @throws NetworkError storage, ConfigError for a file of own blocks that cannot be used */
export async function readPools(config: Config, listed: number): Promise<PoolsHere> {
  const log = pino({ enabled: false });
  const parts = buildParts(config, log);
  try {
    const { settings, reader, host, files } = parts;
    const preview = new FolderPreview(reader, host, files);
    lookAtFleet(config, { settings, lookAtUse: buildLookAtUse(reader, preview, settings), log });
    const pools = buildPools({ preview, settings });
    return { report: await pools.measure(listed), problems: await reader.problems() };
  } finally {
    parts.close();
  }
}
