import { maxListed } from '../../api/podnetd/listed-limit.js';
import { writePoolReport, type PoolReportBody } from '../../api/podnetd/pools.js';
import type { Config } from '../../config/config.js';
import { NetworkError } from '../../model/errors/errors.js';
import { readPools } from '../../wiring/read-pools.js';
import { MapError } from '../map-error.js';

/** Files whose faults are reported at most. */
const mostProblems = 8;

export interface FolderReport {
  readonly report: PoolReportBody;
  /** Files that cannot be used, one sentence each. */
  readonly warnings: readonly string[];
}

/** Reads the folder of networks and the kernel's tables without a daemon. @throws MapError */
export async function readFolder(config: Config): Promise<FolderReport> {
  try {
    const { report, problems } = await readPools(config, maxListed);
    const named = problems.slice(0, mostProblems);
    const others = problems.length - named.length;
    return {
      report: writePoolReport(report),
      warnings: [
        ...named.map(({ path, reason }) => `${path}: ${reason}; its networks are not on the map`),
        ...(others === 0
          ? []
          : [`${others} more files cannot be used; GET /podnetd/v1/problems of a daemon lists them`]),
      ],
    };
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    throw new MapError(`${error.message}; give another folder with --cni-config-dir DIR`, { cause: error });
  }
}
