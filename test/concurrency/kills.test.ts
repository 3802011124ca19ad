import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { rounds } from '../support/rounds.js';
import { makeHost, type Host } from '../support/host.js';
import { makeNetns, type Netns } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const pluginDir = '/usr/lib/cni';
const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', `${pluginDir}/bridge`);
const kills = rounds(12, 100);
// A hundred starts take their time on a busy machine.
t.setTimeout(kills * 15_000);

t.test('the next start repairs the leftovers of a kill at any step', { skip }, async (t) => {
  const host = await makeHost(t);
  const container = makeNetns(t);
  const scratch = makeScratch(t);
  const cacheDir = path.join(scratch, 'cni');
  const folder = path.join(scratch, 'net.d');
  const start = async () =>
    await startDaemon(t, {
      netns: host,
      folder,
      args: ['--cni-plugin-dir', pluginDir, '--cni-cache-dir', cacheDir],
    });
  let daemon = await start();
  t.equal((await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name: 'killed' })).status, 200);
  /** Milliseconds that each took when it was last left alone, so that kills fall on every step of it. */
  const tookMs = { connect: 0, disconnect: 0 };
  const complete = async (action: keyof typeof tookMs) => {
    const begun = performance.now();
    t.ok(await ask(daemon, action, container.name), action);
    tookMs[action] = performance.now() - begun;
  };
  await complete('connect');
  await complete('disconnect');
  const seen = { connected: 0, free: 0, cutShort: 0 };
  let { attached } = await readTraces(host, container, cacheDir);
  for (let round = 0; round < kills; round += 1) {
    const action = round % 2 === 0 ? 'connect' : 'disconnect';
    if (attached !== (action === 'disconnect')) await complete(attached ? 'disconnect' : 'connect');
    const asking = ask(daemon, action, container.name);
    await sleep((1.2 * tookMs[action] * ((round * 37) % kills)) / kills);
    await daemon.stop('SIGKILL');
    if (!(await asking)) seen.cutShort += 1;
    daemon = await start();
    await settle(cacheDir);
    const after = await readTraces(host, container, cacheDir);
    const wanted = after.cached > 0 ? 1 : 0;
    seen[wanted === 1 ? 'connected' : 'free'] += 1;
    t.match(after, { cached: wanted, links: wanted, leases: wanted, attached: wanted === 1 }, `round ${round}`);
    if (wanted === 0) t.strictSame(after.rules, [], `round ${round}: no rule`);
    ({ attached } = after);
  }
  t.comment(seen);
  t.ok(seen.cutShort > 0, 'kills fell into the middle');
  if (attached) t.ok(await ask(daemon, 'disconnect', container.name));
  t.match(await readTraces(host, container, cacheDir), { cached: 0, links: 0, leases: 0, rules: [] });
});

/** @returns whether the daemon answered 200 before it died */
async function ask(daemon: TestDaemon, action: 'connect' | 'disconnect', container: string): Promise<boolean> {
  const body = action === 'connect' ? { container } : { Container: container };
  try {
    return (await daemon.ask('POST', `/v4.3.1/libpod/networks/killed/${action}`, body)).status === 200;
  } catch {
    return false;
  }
}

/** Waits until the repair of the start has ended. */
async function settle(cacheDir: string): Promise<void> {
  for (let tries = 0; tries < 3000 && listFiles(path.join(cacheDir, 'podnetd')).length > 0; tries += 1) await sleep(20);
}

interface Traces {
  readonly attached: boolean;
  readonly cached: number;
  readonly links: number;
  readonly leases: number;
  readonly rules: readonly string[];
}

/** Counts of everything that an attachment makes. */
async function readTraces(host: Host, container: Netns, cacheDir: string): Promise<Traces> {
  const inside = await container.ip('-brief', 'link');
  const links = (await host.ip('-brief', 'link')).match(/^veth/gm) ?? [];
  const { stdout: leases } = await host.run('ls', ['/var/lib/cni/networks/killed']);
  const { stdout: rules } = await host.run('iptables-save', []);
  return {
    attached: inside.includes('eth0'),
    cached: listFiles(path.join(cacheDir, 'results')).length,
    links: links.length,
    leases: leases.match(/^\d+\.\d+\.\d+\.\d+$/gm)?.length ?? 0,
    rules: rules.match(/^-A .*(\/32|CNI-[0-9a-f]{24}).*$/gm) ?? [],
  };
}

function listFiles(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
