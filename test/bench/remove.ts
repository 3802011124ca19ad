import path from 'node:path';
import { conflist } from './peers/networks.js';
import { startPodman, type Backend } from './peers/podman.js';
import { startPodnetd } from './peers/podnetd.js';
import type { Server } from './peers/server.js';
import { PlainPublisher } from './plain.js';
import { ms, printTable, say, times } from './print.js';
import { summarise, time, timeEach, type Sample } from './statistics.js';

const sizes = [500, 1_000, 10_000];
const rounds = 200;
const warmUp = 200;
const peers: readonly (readonly [Backend, size: number, rounds: number])[] = [['netavark', 1_000, 10]];

/** Removes networks one after the other, in turn with a plain durable publish. */
export async function benchRemove(scratch: string): Promise<void> {
  const removed = new Map<number, Sample>();
  const rows: string[][] = [];
  for (const size of sizes) {
    const server = await startPodnetd(scratch, size);
    const plainly = new PlainPublisher(path.join(scratch, `plain-remove-${size}`), conflist(0));
    const remove = await remover(server);
    await timeEach(warmUp, remove);
    const plains: number[] = [];
    const removes: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      plains.push(await time(() => plainly.publish()));
      removes.push(await time(async () => await remove(warmUp + round)));
    }
    await server.stop();
    const [plain, sample] = [summarise(plains), summarise(removes)];
    removed.set(size, sample);
    rows.push([String(size), ms(sample.p50), ms(sample.p99), ms(plain.p50), times(sample.p50 / plain.p50)]);
  }
  printTable(['networks', 'remove p50', 'p99', 'plain publish p50', 'ratio'], rows);
  for (const [backend, size, count] of peers) {
    const server = await startPodman(scratch, backend, size);
    const ours = removed.get(size);
    if (server === undefined || ours === undefined) continue;
    const { p50 } = await timeEach(count, await remover(server));
    await server.stop();
    say(`${server.name} at ${size} networks: p50 ${ms(p50)} ms, ${times(p50 / ours.p50)} podnetd's`);
  }
}

async function remover(server: Server): Promise<(index: number) => Promise<unknown>> {
  const client = await server.connect();
  return async (index) => await client.expect(200, 'DELETE', `/v4.0.0/libpod/networks/net${index}`);
}
