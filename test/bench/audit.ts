import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import type { Client } from './client.js';
import { runHere } from './peers/server.js';
import { startPodnetd } from './peers/podnetd.js';
import { ms, printTable, times } from './print.js';
import { summarise, time } from './statistics.js';

const networks = 1_000;
const rounds = 20;
/** Creates of each daemon in a round, by the number of clients. */
const sizes: readonly (readonly [clients: number, creates: number])[] = [
  [1, 25],
  [32, 400],
];

/** Creates with an audit file in turn with creates without one, so that both meet the same state of the disk. */
export async function benchAudit(scratch: string): Promise<void> {
  const file = path.join(mkdtempSync(path.join(scratch, 'audit-')), 'audit.jsonl');
  const off = await startPodnetd(scratch, networks);
  const on = await startPodnetd(scratch, networks, runHere, `[audit]\nfile = "${file}"\n`);
  const rows: string[][] = [];
  for (const [clients, creates] of sizes) {
    const connect = async (server: typeof off) => await Promise.all(Array.from({ length: clients }, server.connect));
    const [plain, audited] = [await connect(off), await connect(on)];
    const found = { off: [] as number[], on: [] as number[] };
    for (let round = -1; round < rounds; round += 1) {
      const label = `c${clients}r${round + 1}n`;
      const first = await time(async () => await createAll(plain, creates, label));
      const second = await time(async () => await createAll(audited, creates, label));
      if (round < 0) continue;
      found.off.push(first / creates);
      found.on.push(second / creates);
    }
    const [without, withAudit] = [summarise(found.off).p50, summarise(found.on).p50];
    rows.push([String(clients), ms(without), ms(withAudit), times(withAudit / without)]);
  }
  await off.stop();
  await on.stop();
  printTable(['clients', 'a create', 'with audit', 'times'], rows);
}

async function createAll(clients: readonly Client[], count: number, label: string): Promise<void> {
  let next = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (next < count) {
        const index = next;
        next += 1;
        await client.expect(201, 'POST', '/v1.40/networks/create', { Name: `${label}${index}` });
      }
    }),
  );
}
