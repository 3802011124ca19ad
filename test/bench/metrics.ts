import type { Client } from './client.js';
import { startPodnetd } from './peers/podnetd.js';
import { ms, printTable, times } from './print.js';
import { summarise, time } from './statistics.js';

const rounds = 60;
const warmUp = 20;

const list = '/v4.0.0/libpod/networks/json';
const scrape = '/podnetd/v1/metrics';

/** Scrapes in turn with a list, while nothing changes and after a change, without and with metrics of each network. */
export async function benchMetrics(scratch: string): Promise<void> {
  for (const size of [1_000, 10_000]) {
    await compare(scratch, size, 'scrape', '');
    await compare(scratch, size, 'scrape, per network', '[metrics]\nper_network = true\n');
  }
}

async function compare(scratch: string, size: number, label: string, settings: string): Promise<void> {
  const server = await startPodnetd(scratch, size, undefined, settings);
  const client = await server.connect();
  const found = [list, scrape].map((url) => ({ url, same: [] as number[], changed: [] as number[] }));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const { url, same, changed } of found) {
      const [after, again] = [await askAfterChange(client, url), await askOnce(client, url)];
      if (round < 0) continue;
      changed.push(after);
      same.push(again);
    }
  }
  await server.stop();
  const rows = found.map(({ same, changed }) => ({ same: summarise(same), changed: summarise(changed) }));
  const [lists, scrapes] = rows;
  if (lists === undefined || scrapes === undefined) return;
  printTable(
    [`${size} networks`, 'list p50', `${label} p50`, 'ratio'],
    [
      ['nothing changed', ms(lists.same.p50), ms(scrapes.same.p50), times(scrapes.same.p50 / lists.same.p50)],
      [
        'after a change',
        ms(lists.changed.p50),
        ms(scrapes.changed.p50),
        times(scrapes.changed.p50 / lists.changed.p50),
      ],
    ],
  );
}

async function askOnce(client: Client, url: string): Promise<number> {
  return await time(async () => await client.expect(200, 'GET', url));
}

async function askAfterChange(client: Client, url: string): Promise<number> {
  await client.expect(201, 'POST', '/v1.40/networks/create', { Name: 'changed' });
  const took = await askOnce(client, url);
  await client.expect(200, 'DELETE', '/v4.0.0/libpod/networks/changed');
  // Takes in the removal, so that the second question of a round finds nothing changed.
  await client.expect(200, 'GET', url);
  return took;
}
