import { setTimeout as sleep } from 'node:timers/promises';
import { startPodman } from './peers/podman.js';
import { startPodnetd } from './peers/podnetd.js';
import { residentMiB, type Server } from './peers/server.js';
import { printTable, say } from './print.js';

/** `BENCH_CYCLES=100000 npm run bench -- memory` takes some minutes. */
const cycles = Number(process.env['BENCH_CYCLES'] ?? 10_000);
const clients = 32;

/** Resident memory in MiB after a list in two dialects, and its growth while networks are made and removed. */
export async function benchMemory(scratch: string): Promise<void> {
  const rows: string[][] = [];
  for (const size of [10, 1_000, 10_000]) {
    const ours = await settle(await startPodnetd(scratch, size));
    const theirs = await settle(await startPodman(scratch, 'netavark', size));
    rows.push([String(size), ours, theirs]);
  }
  printTable(['networks', 'MiB', 'podman (netavark) MiB'], rows);
  await churn(await startPodnetd(scratch, 1_000));
}

async function settle(server: Server | undefined): Promise<string> {
  if (server === undefined) return '-';
  const client = await server.connect();
  for (const url of ['/v4.0.0/libpod/networks/json', '/v1.40/networks']) await client.expect(200, 'GET', url);
  await sleep(500);
  const resident = residentMiB(server);
  await server.stop();
  return resident.toFixed(0);
}

async function churn(server: Server): Promise<void> {
  const connected = await Promise.all(Array.from({ length: clients }, server.connect));
  const seen: string[] = [];
  const parts = 5;
  for (let part = 0; part < parts; part += 1) {
    let left = cycles / parts;
    await Promise.all(
      connected.map(async (client, index) => {
        for (; left > 0;) {
          left -= 1;
          const name = `c${index}`;
          await client.expect(201, 'POST', '/v1.40/networks/create', { Name: name });
          await client.expect(200, 'DELETE', `/v4.0.0/libpod/networks/${name}`);
        }
      }),
    );
    seen.push(residentMiB(server).toFixed(0));
  }
  await server.stop();
  say(`MiB at 1000 networks while ${cycles} more are made and removed, a fifth at a time: ${seen.join(', ')}`);
}
