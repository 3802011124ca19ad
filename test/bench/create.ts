import path from 'node:path';
import type { Client } from './client.js';
import { conflist, reservations } from './peers/networks.js';
import { startPodman, type Backend } from './peers/podman.js';
import { startPodnetd } from './peers/podnetd.js';
import { runHere } from './peers/server.js';
import { PlainPublisher } from './plain.js';
import { ms, printTable, say, times } from './print.js';
import { summarise, time, timeEach, type Sample } from './statistics.js';

const sizes = [10, 100, 1_000, 10_000];
const rounds = 200;
const warmUp = 300;
/** Podman with CNI reads and probes everything at each create; more networks would take minutes. */
const peers: readonly (readonly [Backend, size: number, rounds: number])[] = [
  ['cni', 100, 3],
  ['netavark', 1_000, 10],
];

/**
 * Creates networks one after the other at several sizes, in turn with creates among a thousand reservations and with a plain durable publish, so
 * that all meet the same state of the disk.
 */
export async function benchCreate(scratch: string): Promise<void> {
  const created = new Map<number, Sample>();
  const rows: string[][] = [];
  for (const size of sizes) {
    const { create, reserved, plain, ping } = await measure(scratch, size);
    created.set(size, create);
    const own = [ms(create.p50), ms(create.p99), times(create.p50 / plain.p50)];
    const among = [ms(reserved.p50), ms(reserved.p99), times(reserved.p50 / create.p50)];
    rows.push([String(size), ...own, ...among, ms(plain.p50), ms(ping.p50)]);
  }
  const among = ['among 1000 reservations p50', 'p99', 'to create'];
  printTable(['networks', 'create p50', 'p99', 'to plain', ...among, 'plain publish p50', 'ping p50'], rows);
  const [least = 0, most = 0] = [sizes[0], sizes.at(-1)].map((size = 0) => created.get(size)?.p50);
  say(`growth of p50 from ${sizes[0]} to ${sizes.at(-1)} networks: ${times(most / least)}`);
  for (const [backend, size, count] of peers) await compare(scratch, backend, size, count, created.get(size));
}

async function measure(scratch: string, size: number) {
  const plainServer = await startPodnetd(scratch, size);
  const reservingServer = await startPodnetd(scratch, size, runHere, reservations(size));
  const [client, reserving] = [await plainServer.connect(), await reservingServer.connect()];
  const plainly = new PlainPublisher(path.join(scratch, `plain-${size}`), conflist(0));
  await timeEach(warmUp, async (index) => {
    await create(client, `warm${index}`);
    await create(reserving, `warm${index}`);
  });
  const found = { create: [] as number[], reserved: [] as number[], plain: [] as number[], ping: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    found.plain.push(await time(() => plainly.publish()));
    found.create.push(await time(async () => await create(client, `bench${round}`)));
    found.reserved.push(await time(async () => await create(reserving, `bench${round}`)));
    found.ping.push(await time(async () => await client.expect(200, 'GET', '/_ping')));
  }
  for (const server of [plainServer, reservingServer]) await server.stop();
  return {
    create: summarise(found.create),
    reserved: summarise(found.reserved),
    plain: summarise(found.plain),
    ping: summarise(found.ping),
  };
}

async function compare(
  scratch: string,
  backend: Backend,
  size: number,
  count: number,
  ours: Sample | undefined,
): Promise<void> {
  const server = await startPodman(scratch, backend, size);
  if (server === undefined || ours === undefined) return;
  const client = await server.connect();
  const { p50 } = await timeEach(count, async (index) => await create(client, `bench${index}`));
  await server.stop();
  say(
    `${server.name} at ${size} networks, without waiting for the disk: p50 ${ms(p50)} ms, ${times(p50 / ours.p50)} podnetd's`,
  );
}

async function create(client: Client, name: string): Promise<void> {
  await client.expect(201, 'POST', '/v1.40/networks/create', { Name: name });
}
