import { execFileSync } from 'node:child_process';
import { bridgeCommands, netavarkBridge } from './peers/networks.js';
import { startPodman } from './peers/podman.js';
import { startPodnetd } from './peers/podnetd.js';
import type { Server, Wrap } from './peers/server.js';
import { ms, printTable, say, times } from './print.js';
import { timeEach } from './statistics.js';

const size = 1_000;

interface Found {
  readonly create: number;
  readonly remove: number;
}

/** Creates and removes networks among a thousand whose bridges have an address and routes, in a network namespace of its own. */
export async function benchLive(scratch: string): Promise<void> {
  if (process.getuid?.() !== 0) return say('not measured (needs root)');
  await among('podnetd', undefined, async (ourHost) => {
    await among('podman', netavarkBridge, async (theirHost) => {
      const ours = await measure(await startPodnetd(scratch, size, ourHost), 200);
      const server = await startPodman(scratch, 'netavark', size, theirHost);
      const theirs = server && (await measure(server, 10));
      const row = (what: keyof Found) => {
        const peer = theirs ? [ms(theirs[what]), times(theirs[what] / ours[what])] : ['-', '-'];
        return [what, ms(ours[what]), ...peer];
      };
      const head = [`${size} networks with live bridges`, 'p50', 'podman (netavark) p50', 'ratio'];
      printTable(head, [row('create'), row('remove')]);
    });
  });
}

/** Nothing is measured after the end, because the kernel removes a thousand bridges for seconds and reports no links meanwhile. */
async function among(
  label: string,
  rename: ((bridge: string) => string) | undefined,
  use: (wrap: Wrap) => Promise<void>,
): Promise<void> {
  const name = `podnetd-bench-${label}-${process.pid}`;
  execFileSync('ip', ['netns', 'add', name]);
  try {
    const commands = Array.from({ length: size }, (_, index) => bridgeCommands(index, rename)).join('');
    execFileSync('ip', ['-netns', name, '-batch', '-'], { input: `link set lo up\n${commands}` });
    await use((file, args) => ['nsenter', [`--net=/run/netns/${name}`, '--', file, ...args]]);
  } finally {
    execFileSync('ip', ['netns', 'delete', name]);
  }
}

/** Milliseconds to create and to remove a network without a bridge, among networks with one. */
async function measure(server: Server, rounds: number): Promise<Found> {
  const client = await server.connect();
  const create = async (name: string) => await client.expect(201, 'POST', '/v1.40/networks/create', { Name: name });
  await timeEach(rounds, async (index) => await create(`warm${index}`));
  const creates = await timeEach(rounds, async (index) => await create(`bench${index}`));
  const removes = await timeEach(rounds, async (index) => {
    return await client.expect(200, 'DELETE', `/v4.0.0/libpod/networks/bench${index}`);
  });
  await server.stop();
  return { create: creates.p50, remove: removes.p50 };
}
