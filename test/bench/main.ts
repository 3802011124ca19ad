import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { benchAudit } from './audit.js';
import { benchCreate } from './create.js';
import { benchFleet } from './fleet.js';
import { benchFleetClaims } from './fleet-claims.js';
import { benchInspect } from './inspect.js';
import { benchList } from './list.js';
import { benchLive } from './live.js';
import { benchMemory } from './memory.js';
import { benchMetrics } from './metrics.js';
import { benchParallel } from './parallel.js';
import { say } from './print.js';
import { benchPools } from './pools.js';
import { benchPreview } from './preview.js';
import { benchRemove } from './remove.js';
import { benchStart } from './start.js';

/**
 * `npm run bench` measures everything, `npm run bench -- list start` some of it. Compare only figures of one run, because machines are shared.
 * Times are milliseconds.
 */
const benches: Readonly<Record<string, (scratch: string) => Promise<void>>> = {
  create: benchCreate,
  audit: benchAudit,
  fleet: benchFleet,
  remove: benchRemove,
  parallel: benchParallel,
  inspect: benchInspect,
  list: benchList,
  metrics: benchMetrics,
  pools: benchPools,
  preview: benchPreview,
  start: benchStart,
  memory: benchMemory,
  live: benchLive,
  'fleet-claims': benchFleetClaims,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => benches[name] === undefined);
if (unknown.length > 0)
  throw new Error(`no such bench: ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);

// On the disk that holds the working tree: a temporary folder is often memory.
mkdirSync('.tap', { recursive: true });
const scratch = mkdtempSync(path.join(process.cwd(), '.tap', 'bench-'));
say(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
try {
  for (const name of asked.length > 0 ? asked : Object.keys(benches)) {
    say(`\n${name}`);
    await benches[name]?.(scratch);
  }
} finally {
  // At the end, because a bench would measure the file system's work on deleted files: ext4 looks past their inodes for minutes.
  rmSync(scratch, { recursive: true, force: true });
}
