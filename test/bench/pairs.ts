import { readFileSync } from 'node:fs';
import type { Client } from './client.js';
import type { Server } from './peers/server.js';
import { ms, printTable, times } from './print.js';
import { summarise, time } from './statistics.js';

const rounds = 16;
/** Creates of each daemon in a round, by the number of clients. */
const sizes: readonly (readonly [clients: number, creates: number])[] = [
  [1, 25],
  [32, 320],
];

/**
 * Creates of two daemons, in pairs whose order changes, so that both meet the same state of the disk. It stops the daemons at the end.
 *
 * @param feature of the second daemon, for the head of the table
 */
export async function comparePairs(servers: readonly [Server, Server], feature: string): Promise<void> {
  const rows: string[][] = [];
  for (const [clients, creates] of sizes) {
    const sides = await Promise.all(
      servers.map(async (server) => ({
        clients: await Promise.all(Array.from({ length: clients }, server.connect)),
        pid: server.process.pid ?? 0,
        took: [] as number[],
        each: [] as number[],
        worked: [] as number[],
      })),
    );
    // The first round is for the caches.
    for (let round = -1; round < rounds; round += 1) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        const before = processorMs(side.pid);
        const each: number[] = [];
        const ms = await time(async () => await createAll(side.clients, creates, `c${clients}r${round + 1}n`, each));
        if (round < 0) continue;
        side.each.push(...each);
        side.took.push(ms / creates);
        side.worked.push((processorMs(side.pid) - before) / creates);
      }
    }
    const [off, on] = sides;
    if (off === undefined || on === undefined) continue;
    const ratios = on.took.map((ms, round) => ms / (off.took[round] ?? Number.NaN));
    rows.push([
      `${clients} clients`,
      ms(summarise(off.took).p50),
      ms(summarise(on.took).p50),
      times(summarise(ratios).p50),
    ]);
    const [one, other] = [summarise(off.each).p50, summarise(on.each).p50];
    rows.push(['p50 of each', ms(one), ms(other), times(other / one)]);
    rows.push(['processor time', ms(mean(off.worked)), ms(mean(on.worked)), times(mean(on.worked) / mean(off.worked))]);
  }
  for (const server of servers) await server.stop();
  printTable(['', 'a create', `with ${feature}`, 'times, median of pairs'], rows);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Milliseconds that a process has worked, in its code and for it in the kernel. source: proc_pid_stat(5), USER_HZ */
function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

async function createAll(clients: readonly Client[], count: number, label: string, each: number[]): Promise<void> {
  let next = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (next < count) {
        const index = next;
        next += 1;
        const create = async () =>
          await client.expect(201, 'POST', '/v1.40/networks/create', { Name: `${label}${index}` });
        each.push(await time(create));
      }
    }),
  );
}
