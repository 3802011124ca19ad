import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { Agent } from 'node:http';
import { cpus } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../support/client.js';
import { daemonScript } from '../support/daemon.js';
import { ms, summarise, timeEach, type Sample } from './statistics.js';

/**
 * Creates one network after the other, at several sizes of the folder, and compares with a plain durable publish of a file of the same size
 * on the same disk (write, fsync, rename, fsync of the folder) and with Podman where it is installed. Run with `npm run bench`.
 */

const sizes = [10, 1_000, 10_000];
const rounds = 200;
/** Podman reads and probes everything at each create; more networks would take minutes. */
const podmanSizes = [10, 100];
const podmanRounds = 5;

// On the disk that holds the working tree: a temporary folder is often memory.
const scratch = mkdtempSync(path.join(process.cwd(), '.tap', 'bench-'));

try {
  await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function main(): Promise<void> {
  say(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.version}`);
  say(`podnetd, ${rounds} creates a row, one after the other; milliseconds`);
  say('networks   p50     p99     plain p50   ratio');
  const rows: Sample[] = [];
  for (const size of sizes) {
    const { create, plain } = await benchPodnetd(size);
    rows.push(create);
    say(
      `${pad(size, 9)}  ${pad(ms(create.p50), 6)}  ${pad(ms(create.p99), 6)}  ${pad(ms(plain.p50), 9)}   ${(create.p50 / plain.p50).toFixed(2)}x`,
    );
  }
  const [first, last] = [rows[0], rows.at(-1)];
  if (first && last)
    say(`growth of p50 from ${sizes[0]} to ${sizes.at(-1)} networks: ${(last.p50 / first.p50).toFixed(2)}x`);
  await comparePodman(first);
}

async function benchPodnetd(size: number): Promise<{ create: Sample; plain: Sample }> {
  const folder = path.join(scratch, `podnetd-${size}`);
  fill(folder, size);
  const socket = path.join(scratch, 's');
  const places = ['--listen', socket, '--cni-config-dir', folder, '--cni-cache-dir', path.join(scratch, 'cni')];
  const daemon = spawn(process.execPath, [daemonScript, ...places, '--log-level', 'warn'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CONTAINERS_CONF: '/dev/null' },
  });
  await waitFor(socket);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const create = async (name: string) => {
    const answer = await ask(socket, 'POST', '/networks/create', { Name: name }, {}, agent);
    if (answer.status !== 201) throw new Error(answer.text);
  };
  await timeEach(20, async (index) => await create(`warm${index}`));
  // Turn about, so that both meet the same state of a shared disk.
  const text = conflist('plain', 0);
  const plainTimes: number[] = [];
  const createTimes: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    plainTimes.push(...(await timeEach(1, async () => publishPlainly(folder, `plain${round}`, text))));
    createTimes.push(...(await timeEach(1, async () => await create(`bench${round}`))));
  }
  agent.destroy();
  daemon.kill();
  await once(daemon, 'exit');
  rmSync(folder, { recursive: true });
  const sorted = (times: readonly number[]) => summarise(times.toSorted((a, b) => a - b));
  return { create: sorted(createTimes), plain: sorted(plainTimes) };
}

async function comparePodman(ours: Sample | undefined): Promise<void> {
  if (ours === undefined || process.getuid?.() !== 0 || !existsSync('/usr/bin/podman')) {
    say('podman: not compared (needs root and podman)');
    return;
  }
  for (const size of podmanSizes) {
    const folder = path.join(scratch, `podman-${size}`);
    fill(folder, size);
    const conf = path.join(scratch, 'containers.conf');
    writeFileSync(
      conf,
      `[engine]\nlock_type = "file"\n[network]\nnetwork_backend = "cni"\nnetwork_config_dir = "${folder}"\ncni_plugin_dirs = ["/usr/lib/cni"]\n`,
    );
    const socket = path.join(scratch, 'p');
    const roots = ['root', 'runroot', 'tmpdir'].flatMap((flag) => [`--${flag}`, path.join(scratch, flag)]);
    const service = spawn(
      'podman',
      ['--storage-driver', 'vfs', ...roots, 'system', 'service', '-t', '0', `unix://${socket}`],
      {
        stdio: 'ignore',
        env: { ...process.env, CONTAINERS_CONF: conf },
      },
    );
    await waitFor(socket);
    const times = await timeEach(podmanRounds, async (index) => {
      const answer = await ask(socket, 'POST', '/v1.40/networks/create', { Name: `bench${index}` });
      if (answer.status !== 201) throw new Error(answer.text);
    });
    service.kill();
    await once(service, 'exit');
    rmSync(socket, { force: true });
    const { p50 } = summarise(times);
    say(
      `podman (CNI) at ${size} networks, ${podmanRounds} creates: p50 ${ms(p50)} ms, ${(p50 / ours.p50).toFixed(0)}x podnetd's`,
    );
  }
}

/** Conflists as podnetd writes them, with subnets at the end of the pools so that the first free one has to be found. */
function fill(folder: string, size: number): void {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < size; index += 1) {
    writeFileSync(path.join(folder, `net${index}.conflist`), conflist(`net${index}`, index));
  }
}

function conflist(name: string, index: number): string {
  const subnet = `10.${89 + Math.floor(index / 256)}.${index % 256}`;
  const ipam = {
    type: 'host-local',
    routes: [{ dst: '0.0.0.0/0' }],
    ranges: [[{ subnet: `${subnet}.0/24`, gateway: `${subnet}.1` }]],
  };
  const bridge = { type: 'bridge', bridge: `cni-podman${index + 1}`, isGateway: true, ipMasq: true, ipam };
  const plugins = [bridge, { type: 'portmap' }, { type: 'firewall', backend: '' }, { type: 'tuning' }];
  return JSON.stringify({ cniVersion: '0.4.0', name, plugins }, null, 3);
}

function publishPlainly(folder: string, name: string, text: string): void {
  const temporary = path.join(folder, `${name}.tmp`);
  const file = openSync(temporary, 'wx');
  writeFileSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path.join(folder, `${name}.plain`));
  const directory = openSync(folder, 'r');
  fsyncSync(directory);
  closeSync(directory);
}

async function waitFor(socket: string): Promise<void> {
  for (let tries = 0; !existsSync(socket); tries += 1) {
    if (tries > 3_000) throw new Error(`${socket} did not appear`);
    await sleep(10);
  }
}

function pad(value: number | string, width: number): string {
  return String(value).padStart(width);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
