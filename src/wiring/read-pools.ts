import { pino } from 'pino';
import { FolderPreview } from '../cni/folder/preview.js';
import type { Config } from '../config/config.js';
import type { FileProblem } from '../network/dependencies/stored-network.js';
import { buildPools, type PoolReport } from '../network/pools.js';
import { buildParts } from './parts.js';

/** The pools as a daemon with the same settings would measure them. */
export interface PoolsHere {
  readonly report: PoolReport;
  /** Files whose prefixes may be missing from the report. */
  readonly problems: readonly FileProblem[];
}

/** Measures the pools without a daemon: takes no lock, and writes nothing. @param listed see {@link PoolReport} @throws NetworkError storage */
export async function readPools(config: Config, listed: number): Promise<PoolsHere> {
  const parts = buildParts(config, pino({ enabled: false }));
  try {
    const { settings, reader, host, files } = parts;
    const pools = buildPools({ preview: new FolderPreview(reader, host, files), settings });
    return { report: await pools.measure(listed), problems: await reader.problems() };
  } finally {
    parts.close();
  }
}
