import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ask } from '../support/client.js';
import { daemonScript } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { DiskModel } from './disk-model.js';
import { play, readCalls, recording } from './recorded-calls.js';

/**
 * Records every system call of a real daemon that creates, changes and removes networks, and cuts the power after each of them. In every state that the disk
 * may have then, files are whole, acknowledged networks and changes are there, and acknowledged removals are done.
 */

const networks = 24;
const clients = 4;
/** Stands in a file that has been changed. */
const label = 'changed-by-a-patch';

t.test(
  'acknowledged changes are durable, and each file is whole at any moment',
  { skip: missing('strace', 'pkill') },
  async (t) => {
    const scratch = makeScratch(t);
    const folder = path.join(scratch, 'net.d');
    mkdirSync(folder);
    const calls = path.join(scratch, 'calls');
    const log = await record(scratch, folder, calls);
    const disk = new DiskModel(folder);
    const requests = readRequests(log);
    const present = new Set<string>();
    const changed = new Set<string>();
    const gone = new Set<string>();
    let states = 0;
    let acknowledged = 0;
    for (const call of readCalls(readFileSync(calls, 'utf8'))) {
      if (call.name === 'unlink' || call.name === 'rename') present.delete(path.basename(call.paths[0] ?? ''));
      if (call.name === 'answer') {
        const { method, network } = requests.get(call.paths[0] ?? '') ?? {};
        if (network === undefined) continue;
        acknowledged += 1;
        if (method === 'PATCH') changed.add(`${network}.conflist`);
        else if (method === 'DELETE') gone.add(`${network}.conflist`);
        else present.add(`${network}.conflist`);
      } else {
        play(disk, call);
      }
      for (const state of disk.statesAfterCut()) {
        states += 1;
        const conflists = [...state].filter(([name]) => name.endsWith('.conflist'));
        const torn = conflists.filter(([, { isWhole }]) => !isWhole);
        const lost = [...present].filter((name) => !state.has(name));
        const undead = conflists.filter(([name]) => gone.has(name));
        const old = conflists.filter(([name, { text }]) => changed.has(name) && !text.includes(label));
        if (torn.length + lost.length + undead.length + old.length > 0)
          t.strictSame({ torn, lost, undead, old }, { torn: [], lost: [], undead: [], old: [] }, call.text);
      }
    }
    t.equal(acknowledged, 2 * networks + networks / 2, 'every answer was recorded');
    t.equal(present.size, networks / 2);
    t.ok(states > 10 * networks, `${states} states after a cut`);
  },
);

/** @returns the daemon's log */
async function record(scratch: string, folder: string, calls: string): Promise<string> {
  const socket = path.join(scratch, 's');
  const daemon = [process.execPath, daemonScript, '--listen', `unix://${socket}`, '--cni-config-dir', folder];
  const child = spawn('strace', [...recording(calls), ...daemon], {
    env: { ...process.env, CONTAINERS_CONF: '/dev/null' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    for (let tries = 0; !existsSync(socket) && tries < 1000; tries += 1) await sleep(20);
    const work = async (client: number) => {
      for (let index = client; index < networks; index += clients) {
        await ask(socket, 'POST', '/networks/create', { Name: `n${index}` });
        await ask(socket, 'PATCH', `/podnetd/v1/networks/n${index}`, { labels: { label } });
        if (index % 2 === 0) await ask(socket, 'DELETE', `/networks/n${index}`);
      }
    };
    await Promise.all(Array.from({ length: clients }, async (_, client) => await work(client)));
  } finally {
    // strace does not pass a signal on, so the daemon gets it.
    execFileSync('pkill', ['-TERM', '-P', String(child.pid)]);
    await ended;
  }
  return log;
}

interface LoggedRequest {
  readonly reqId: string;
  readonly method: string;
  readonly network: string;
  readonly status: number;
}

function readRequests(log: string): ReadonlyMap<string, LoggedRequest> {
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  const requests = lines.map((line) => JSON.parse(line) as LoggedRequest);
  return new Map(requests.filter(({ status }) => status < 300).map((request) => [request.reqId, request]));
}
