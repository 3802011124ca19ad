// oxlint-disable-next-line typescript/triple-slash-reference -- the loader of the benches reads no other declaration of an ambient module
/// <reference path="../../src/host/own-process/fs-native-extensions.d.ts" />
import { linkTable, readLinks } from '../../src/host/netlink/links.js';
import { addressTable, readAddresses, readRoutes, routeTable } from '../../src/host/netlink/prefixes.js';
import { NetlinkSocket } from '../../src/host/netlink/socket.js';
import { startPodnetd } from './peers/podnetd.js';
import { ms, printTable, times } from './print.js';
import { summarise, time, type Sample } from './statistics.js';

const rounds = 200;
/** V8 compiles in its first thousand runs what a preview runs; an inspect, which runs less, gets there sooner. */
const warmUp = 1_000;

/** Creates with `dryRun=true` and plans with explanations, in turn with an inspect and with a dump of the kernel's tables by this process. */
export async function benchPreview(scratch: string): Promise<void> {
  const kernel = new NetlinkSocket(0);
  const rows: string[][] = [];
  for (const size of [10, 1_000, 10_000]) {
    const server = await startPodnetd(scratch, size);
    const client = await server.connect();
    const inspectOne = async () => await client.expect(200, 'GET', '/v4.0.0/libpod/networks/net5/json');
    // podnetd remembers the last text that it decoded, so each preview is of another network.
    let asked = 0;
    const preview = async (path: string) => await client.expect(200, 'POST', path, { name: `bench${(asked += 1)}` });
    const planOne = async () => await preview('/podnetd/v1/networks/plan');
    const dryRunOne = async () => await preview('/v4.0.0/libpod/networks/create?dryRun=true');
    await inspectOne();
    const firstMs = await time(planOne);
    const found = { dryRun: [] as number[], plan: [] as number[], inspect: [] as number[], tables: [] as number[] };
    for (let round = -warmUp; round < rounds; round += 1) {
      const dryRun = await time(dryRunOne);
      const plan = await time(planOne);
      const inspect = await time(inspectOne);
      const tables = await time(async () => await dumpTables(kernel));
      if (round < 0) continue;
      found.dryRun.push(dryRun);
      found.plan.push(plan);
      found.inspect.push(inspect);
      found.tables.push(tables);
    }
    await server.stop();
    const [dryRun, plan] = [summarise(found.dryRun), summarise(found.plan)];
    const [inspect, tables] = [summarise(found.inspect), summarise(found.tables)];
    const toBoth = ({ p50 }: Sample) => times(p50 / (inspect.p50 + tables.p50));
    rows.push([
      String(size),
      ms(inspect.p50),
      ms(tables.p50),
      ...[dryRun, plan].flatMap((one) => [ms(one.p50), ms(one.p99), toBoth(one)]),
      ms(firstMs),
    ]);
  }
  kernel.close();
  const head = ['networks', 'inspect p50', 'kernel tables p50'];
  for (const name of ['dry run', 'plan']) head.push(`${name} p50`, 'p99', 'to both');
  head.push('first plan');
  printTable(head, rows);
}

/** With new tables, which have no last dump to return. */
async function dumpTables(kernel: NetlinkSocket): Promise<void> {
  readLinks(await linkTable().read(kernel));
  readAddresses(await addressTable().read(kernel));
  readRoutes(await routeTable().read(kernel));
}
