import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { comparePairs } from './pairs.js';
import { startPodnetd } from './peers/podnetd.js';
import { runHere } from './peers/server.js';

const networks = 1_000;

/** Creates with an audit file beside creates without one. */
export async function benchAudit(scratch: string): Promise<void> {
  const file = path.join(mkdtempSync(path.join(scratch, 'audit-')), 'audit.jsonl');
  const servers = [
    await startPodnetd(scratch, networks),
    await startPodnetd(scratch, networks, runHere, `[audit]\nfile = "${file}"\n`),
  ] as const;
  await comparePairs(servers, 'audit');
}
