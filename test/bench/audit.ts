import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { comparePairs } from './pairs.js';
import { startPodnetd } from './peers/podnetd.js';
import { runHere } from './peers/server.js';

const networks = 1_000;

/** Creates with an audit file beside creates without one. */
export async function benchAudit(scratch: string): Promise<void> {
  const startAudited = async () => {
    const file = path.join(mkdtempSync(path.join(scratch, 'audit-')), 'audit.jsonl');
    return await startPodnetd(scratch, networks, runHere, `[audit]\nfile = "${file}"\n`);
  };
  await comparePairs(async () => await startPodnetd(scratch, networks), startAudited, 'audit');
}
