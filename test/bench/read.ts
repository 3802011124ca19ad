import type { Client } from './client.js';
import { startPodman } from './peers/podman.js';
import { startPodnetd } from './peers/podnetd.js';
import { ms, printTable, times } from './print.js';
import { summarise, time, type Sample } from './statistics.js';

const blocks = 6;

export interface Question {
  readonly label: string;
  readonly url: string;
}

/** Sends podnetd and Podman with netavark the same requests in turn, in blocks of `rounds` requests. */
export async function compareReads(
  scratch: string,
  size: number,
  rounds: number,
  questions: readonly Question[],
): Promise<void> {
  const servers = [await startPodnetd(scratch, size), await startPodman(scratch, 'netavark', size)].filter(
    (server) => server !== undefined,
  );
  const clients = await Promise.all(servers.map(async (server) => await server.connect()));
  const rows: string[][] = [];
  for (const { label, url } of questions) {
    const samples = await turnAbout(clients, url, rounds);
    const [ours, theirs] = samples;
    if (ours === undefined) continue;
    const cells = [ms(ours.p50), ms(ours.p99)];
    rows.push([label, ...cells, ...(theirs ? [ms(theirs.p50), times(theirs.p50 / ours.p50)] : ['-', '-'])]);
  }
  for (const server of servers) await server.stop();
  printTable([`${size} networks`, 'p50', 'p99', 'podman (netavark) p50', 'ratio'], rows);
}

/** Times of each client in blocks of requests, because single requests would measure how a processor wakes up. */
async function turnAbout(clients: readonly Client[], url: string, rounds: number): Promise<readonly Sample[]> {
  const found = clients.map((): number[] => []);
  for (let block = 0; block < blocks; block += 1) {
    for (const [index, client] of clients.entries()) {
      for (let round = 0; round < rounds; round += 1) {
        const took = await time(async () => await client.expect(200, 'GET', url));
        // The first block warms both up.
        if (block > 0) found[index]?.push(took);
      }
    }
  }
  return found.map(summarise);
}
