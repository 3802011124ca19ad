import { startPodnetd } from './peers/podnetd.js';
import { ms, printTable, times } from './print.js';
import { timeSameAndChanged } from './same-and-changed.js';

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
    const answered = await timeSameAndChanged(
      client,
      questions.map(([, url]) => url),
    );
    await server.stop();
    const lists = answered[0];
    if (lists === undefined) continue;
    printTable(
      [`${size} networks`, 'p50', 'to list', 'after a change', 'to list', 'p99'],
      answered.map(({ same, changed }, index) => [
        questions[index]?.[0] ?? '',
        ms(same.p50),
        times(same.p50 / lists.same.p50),
        ms(changed.p50),
        times(changed.p50 / lists.changed.p50),
        ms(changed.p99),
      ]),
    );
  }
}
