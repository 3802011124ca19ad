import { setTimeout as sleep } from 'node:timers/promises';
import { startPodnetd } from './peers/podnetd.js';
import { ms, say } from './print.js';
import { compareReads, type Question } from './read.js';
import { summarise, time } from './statistics.js';

const questions: readonly Question[] = [
  { label: 'list, libpod', url: '/v4.0.0/libpod/networks/json' },
  { label: 'list, Docker', url: '/v1.40/networks' },
];

export async function benchList(scratch: string): Promise<void> {
  await compareReads(scratch, 1_000, 50, questions);
  await compareReads(scratch, 10_000, 10, questions);
  await listAmongWriters(scratch);
}

/** Prints the milliseconds of a list while creates always wait in the lane. */
async function listAmongWriters(scratch: string): Promise<void> {
  const [writers, warmUp, lists] = [32, 500, 300];
  const server = await startPodnetd(scratch, 1_000);
  const reader = await server.connect();
  let isOver = false;
  const creates: number[] = [];
  const writing = Array.from({ length: writers }, async (_, writer) => {
    const client = await server.connect();
    for (let index = 0; !isOver; index += 1) {
      const name = `w${writer}n${index}`;
      creates.push(await time(async () => await client.expect(201, 'POST', '/v1.40/networks/create', { Name: name })));
      await client.expect(200, 'DELETE', `/v4.0.0/libpod/networks/${name}`);
    }
  });
  while (creates.length < warmUp) await sleep(10);
  creates.length = 0;
  const found: number[] = [];
  for (let round = 0; round < lists; round += 1) {
    found.push(await time(async () => await reader.expect(200, 'GET', '/v4.0.0/libpod/networks/json')));
  }
  isOver = true;
  await Promise.all(writing);
  await server.stop();
  const [list, create] = [summarise(found), summarise(creates)];
  say(
    `list of 1000 while ${writers} clients write: p50 ${ms(list.p50)} ms, longest ${ms(Math.max(...found))} ms; a create then: p50 ${ms(create.p50)} ms, p99 ${ms(create.p99)} ms`,
  );
}
