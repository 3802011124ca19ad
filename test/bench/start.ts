import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { daemonScript } from '../support/daemon.js';
import { isListening } from '../support/listening.js';
import { Client } from './client.js';
import { bundleFastify } from './peers/bare-fastify.js';
import { conflist } from './peers/networks.js';
import { startPodman } from './peers/podman.js';
import { fill } from './peers/server.js';
import { ms, printTable, say, times } from './print.js';
import { summarise, time } from './statistics.js';

const sizes = [10, 10_000];
const rounds = 7;
const podmanRounds = 3;
const inspectUrl = '/v4.0.0/libpod/networks/net5/json';
const activator = '/usr/bin/systemd-socket-activate';

type Request = readonly [status: number, method: string, url: string, body?: unknown];

/** The first request that a daemon gets, by the column of its answer; each round makes a network of its own. */
const firsts: Readonly<Record<string, (round: number) => Request>> = {
  ping: () => [200, 'GET', '/_ping'],
  inspect: () => [200, 'GET', inspectUrl],
  create: (round) => [200, 'POST', '/v4.0.0/libpod/networks/create', { name: `first${round}` }],
};

/**
 * Milliseconds from a connection, which starts podnetd by its socket, to the answer of its first request. Beside them stand those that the same Node
 * takes to run no program at all, those of a server that is Fastify alone, and those from the start of Podman's service to its first answer.
 */
export async function benchStart(scratch: string): Promise<void> {
  if (!existsSync(activator)) return say(`not measured: there is no ${activator}`);
  const launcher = install(scratch, (outfile) => copyFileSync(daemonScript, outfile));
  const fastify = install(scratch, bundleFastify);
  const rows: string[][] = [];
  for (const size of sizes) {
    const bare: number[] = [];
    const answers: Record<string, number[]> = {};
    const floor: number[] = [];
    const folder = path.join(mkdtempSync(path.join(scratch, 'activated-')), 'net.d');
    fill(folder, size, '.conflist', conflist);
    // In turn, so that a slower moment of the machine slows all of them.
    for (let round = 0; round < rounds; round += 1) {
      bare.push(await time(() => spawnSync(process.execPath, ['-e', '0'])));
      floor.push(await activate(fastify, folder, `fastify${round}`, [200, 'GET', '/_ping']));
      for (const [name, request] of Object.entries(firsts))
        (answers[name] ??= []).push(await activate(launcher, folder, `${name}${round}`, request(round)));
    }
    const node = summarise(bare).p50;
    const ours = Object.keys(firsts).flatMap((name) => cells(summarise(answers[name] ?? []).p50, node));
    const podman = await measurePodman(scratch, size);
    const theirs = podman ? [...cells(podman.ping, node), ...cells(podman.inspect, node)] : ['-', '-', '-', '-'];
    rows.push([String(size), ms(node), ...cells(summarise(floor).p50, node), ...ours, ...theirs]);
  }
  const columns = ['fastify alone', ...Object.keys(firsts), 'podman ping', 'podman inspect'];
  printTable(['networks', 'node -e 0', ...columns.flatMap((name) => [name, 'ratio'])], rows);
}

function cells(answer: number, node: number): readonly string[] {
  return [ms(answer), times(answer / node)];
}

/** @returns the launcher of a program whose code this Node has compiled */
function install(scratch: string, putProgram: (outfile: string) => void): string {
  const folder = mkdtempSync(path.join(scratch, 'installed-'));
  const built = path.dirname(daemonScript);
  putProgram(path.join(folder, 'podnetd.cjs'));
  for (const name of ['launch.cjs', 'compile.cjs']) copyFileSync(path.join(built, name), path.join(folder, name));
  symlinkSync(path.resolve(built, '../node_modules'), path.join(folder, 'node_modules'));
  const { status } = spawnSync(process.execPath, [path.join(folder, 'compile.cjs')], { stdio: 'inherit' });
  if (status !== 0) throw new Error('podnetd could not be compiled');
  return path.join(folder, 'launch.cjs');
}

/** Milliseconds from the connection, which starts the process, to the answer. */
async function activate(launcher: string, folder: string, name: string, first: Request): Promise<number> {
  const [status, method, url, body] = first;
  const home = path.join(path.dirname(folder), name);
  mkdirSync(home);
  const socket = path.join(home, 's');
  const command = [process.execPath, launcher, '--cni-config-dir', folder];
  const child = spawn(activator, ['-l', socket, '-E', 'CONTAINERS_CONF=/dev/null', ...command], { stdio: 'ignore' });
  for (let tries = 0; !isListening(socket) && tries < 1_000; tries += 1) await sleep(5);
  const ended = once(child, 'exit');
  const client = await Client.open(socket);
  const answered = await time(async () => await client.expect(status, method, url, body));
  client.close();
  child.kill('SIGKILL');
  await ended;
  return answered;
}

async function measurePodman(
  scratch: string,
  size: number,
): Promise<{ readonly ping: number; readonly inspect: number } | undefined> {
  const pings: number[] = [];
  const inspects: number[] = [];
  for (let round = 0; round < podmanRounds; round += 1) {
    const server = await startPodman(scratch, 'cni', size);
    if (server === undefined) return undefined;
    pings.push(server.firstAnswerMs);
    const client = await server.connect();
    inspects.push(server.firstAnswerMs + (await time(async () => await client.expect(200, 'GET', inspectUrl))));
    await server.stop();
  }
  return { ping: summarise(pings).p50, inspect: summarise(inspects).p50 };
}
