import type { Client } from './client.js';
import { startPodnetd } from './peers/podnetd.js';
import { ms, printTable, times } from './print.js';
import { summarise, time } from './statistics.js';

const rounds = 60;
const warmUp = 20;

const list = '/v4.0.0/libpod/networks/json';
const questions: readonly (readonly [label: string, url: string])[] = [
  ['list', list],
  ['pools', '/podnetd/v1/pools'],
  ['pools, a thousand holders each', '/podnetd/v1/pools?taken=true'],
  ['pools, all holders', '/podnetd/v1/pools?taken=true&limit=10000'],
  ['free prefixes', '/podnetd/v1/pools/free?prefix=26'],
];

/** Asks for the pools in turn with a list, while nothing changes and after a change. */
export async function benchPools(scratch: string): Promise<void> {
  for (const size of [1_000, 10_000]) {
    const server = await startPodnetd(scratch, size);
    const client = await server.connect();
    const found = questions.map(([label, url]) => ({ label, url, same: [] as number[], changed: [] as number[] }));
    for (let round = -warmUp; round < rounds; round += 1) {
      for (const { url, same, changed } of found) {
        const [after, again] = [await askAfterChange(client, url), await askOnce(client, url)];
        if (round < 0) continue;
        changed.push(after);
        same.push(again);
      }
    }
    await server.stop();
    const rows = found.map(({ label, same, changed }) => ({
      label,
      same: summarise(same),
      changed: summarise(changed),
    }));
    const lists = rows[0];
    if (lists === undefined) continue;
    printTable(
      [`${size} networks`, 'p50', 'to list', 'after a change', 'to list', 'p99'],
      rows.map(({ label, same, changed }) => [
        label,
        ms(same.p50),
        times(same.p50 / lists.same.p50),
        ms(changed.p50),
        times(changed.p50 / lists.changed.p50),
        ms(changed.p99),
      ]),
    );
  }
}

/**
 * Milliseconds of the first question after a create. The network is removed before the next question, which so follows a change and finds the
 * folder as it was.
 */
async function askAfterChange(client: Client, url: string): Promise<number> {
  await client.expect(201, 'POST', '/v1.40/networks/create', { Name: 'bench' });
  const took = await askOnce(client, url);
  await client.expect(200, 'DELETE', '/v4.0.0/libpod/networks/bench');
  // Takes in the removal, so that the second question of a round finds nothing changed.
  await client.expect(200, 'GET', url);
  return took;
}

async function askOnce(client: Client, url: string): Promise<number> {
  return await time(async () => await client.expect(200, 'GET', url));
}
