import { startPodnetd } from './peers/podnetd.js';
import { ms, printTable, times } from './print.js';
import { timeSameAndChanged } from './same-and-changed.js';

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
  const [lists, scrapes] = await timeSameAndChanged(client, [list, scrape]);
  await server.stop();
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
