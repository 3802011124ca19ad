import path from 'node:path';
import { conflist } from './peers/networks.js';
import { startPodnetd } from './peers/podnetd.js';
import { PlainPublisher } from './plain.js';
import { ms, printTable, say, times } from './print.js';
import { summarise, time, timeEach } from './statistics.js';

const clients = 32;
const creates = 4_000;
const plains = 200;

/** Many clients at once create networks, each one after the other, until there are enough; then the clients remove them. */
export async function benchParallel(scratch: string): Promise<void> {
  const server = await startPodnetd(scratch, 1_000);
  const plainly = new PlainPublisher(path.join(scratch, 'plain-parallel'), conflist(0));
  const connected = await Promise.all(Array.from({ length: clients }, server.connect));
  const rows: string[][] = [];
  const run = async (label: string, ask: (client: (typeof connected)[number], index: number) => Promise<unknown>) => {
    const { p50: plain } = await timeEach(plains, async () => plainly.publish());
    let next = 0;
    const latencies: number[] = [];
    const shares: number[] = [];
    const seconds =
      (await time(
        async () =>
          await Promise.all(
            connected.map(async (client) => {
              let done = 0;
              for (; next < creates; done += 1) {
                const index = next;
                next += 1;
                latencies.push(await time(async () => await ask(client, index)));
              }
              shares.push(done);
            }),
          ),
      )) / 1_000;
    const { p50, p99 } = summarise(latencies);
    const spread = `${Math.min(...shares)} to ${Math.max(...shares)}`;
    const perSecond = creates / seconds;
    rows.push([label, perSecond.toFixed(0), times((perSecond * plain) / 1_000), ms(p50), ms(p99), spread]);
  };
  await run(
    'create',
    async (client, index) => await client.expect(201, 'POST', '/v1.40/networks/create', { Name: `p${index}` }),
  );
  await run('remove', async (client, index) => await client.expect(200, 'DELETE', `/v4.0.0/libpod/networks/p${index}`));
  await server.stop();
  say(`${clients} clients at once, ${creates} of each`);
  printTable(['', 'a second', 'of one plain publisher', 'p50', 'p99', 'of each client'], rows);
}
