import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { daemonScript } from '../support/daemon.js';
import { Client } from './client.js';
import { conflist } from './peers/networks.js';
import { startPodman } from './peers/podman.js';
import { startPodnetd } from './peers/podnetd.js';
import { fill, type Server } from './peers/server.js';
import { ms, printTable, say, times } from './print.js';
import { summarise, time } from './statistics.js';

const sizes = [10, 1_000, 10_000];
const rounds = 5;
const listUrl = '/v4.0.0/libpod/networks/json';

/** Milliseconds from the start of the process to its first answer, and to the first answer that needs the folder. */
export async function benchStart(scratch: string): Promise<void> {
  const rows: string[][] = [];
  for (const size of sizes) {
    const ours = await measure(async () => await startPodnetd(scratch, size));
    const theirs = await measure(async () => await startPodman(scratch, 'netavark', size));
    const cells = ours && [ms(ours.ping), ms(ours.list)];
    const peer = theirs && ours ? [ms(theirs.ping), times(theirs.ping / ours.ping), ms(theirs.list)] : ['-', '-', '-'];
    if (cells !== undefined) rows.push([String(size), ...cells, ...peer]);
  }
  printTable(['networks', 'first answer', 'first list', 'podman (netavark) answer', 'ratio', 'list'], rows);
  if (existsSync('/usr/bin/systemd-socket-activate')) await activate(scratch);
}

/** Medians of several starts, in milliseconds. The folder is filled before the clock starts. */
async function measure(start: () => Promise<Server | undefined>): Promise<{ ping: number; list: number } | undefined> {
  const pings: number[] = [];
  const lists: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const server = await start();
    if (server === undefined) return undefined;
    pings.push(server.firstAnswerMs);
    const client = await server.connect();
    const first = await time(async () => await client.expect(200, 'GET', listUrl));
    lists.push(server.firstAnswerMs + first);
    await server.stop();
  }
  return { ping: summarise(pings).p50, list: summarise(lists).p50 };
}

/** Prints the milliseconds to the first answer through socket activation, where the connection starts the process. */
async function activate(scratch: string): Promise<void> {
  const home = mkdtempSync(path.join(scratch, 'activated-'));
  const folder = path.join(home, 'net.d');
  fill(folder, 10, '.conflist', conflist);
  const answers: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const socket = path.join(home, `s${round}`);
    const command = [process.execPath, daemonScript, '--cni-config-dir', folder];
    const child = spawn('systemd-socket-activate', ['-l', socket, '-E', 'CONTAINERS_CONF=/dev/null', ...command], {
      stdio: 'ignore',
    });
    for (let tries = 0; !existsSync(socket) && tries < 1_000; tries += 1) await sleep(5);
    const ended = once(child, 'exit');
    const client = await Client.open(socket);
    answers.push(await time(async () => await client.expect(200, 'GET', '/_ping')));
    client.close();
    child.kill();
    await ended;
  }
  say(`first answer through socket activation: p50 ${ms(summarise(answers).p50)} ms`);
}
