import { copyFileSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { metricDeclarations } from '../../src/metrics/declarations.js';
import { daemonScript, startDaemon, type TestDaemon } from '../support/daemon.js';
import { python } from '../support/docker-py.js';
import { checkMetrics, readMetrics, valuesOf } from '../support/prometheus.js';
import { reload } from '../support/reload.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** A scrape as Prometheus sends it, of a whole daemon, over its socket and over TCP. */

const skip = missing('promtool', python);
const url = '/podnetd/v1/metrics';
const openMetrics = { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1' };

/** Where the daemon listens over TCP, by its log. */
async function findTcp(daemon: TestDaemon): Promise<string> {
  const find = () => daemon.log().find(({ msg }) => msg === 'listening');
  for (let tries = 0; find() === undefined && tries < 1_000; tries += 1) await sleep(10);
  return String(find()?.['metrics']);
}

async function create(daemon: TestDaemon, ...names: readonly string[]): Promise<void> {
  for (const name of names) await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name });
}

/** Names of metrics, without what a histogram or OpenMetrics appends. */
function namesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name));
}

t.test('both forms, without a fault, on the socket and over TCP', { skip }, async (t) => {
  const daemon = await startDaemon(t, { args: ['--metrics-listen', '127.0.0.1:0'] });
  await create(daemon, 'a', 'b');
  const plain = await daemon.ask('GET', url);
  t.match(plain, { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
  t.equal(checkMetrics(plain.text), '');
  const open = await daemon.ask('GET', url, undefined, openMetrics);
  const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
  t.match(open, { status: 200, headers: { 'content-type': type } });
  t.equal(valuesOf(readMetrics(open.text, 'openmetrics'), 'podnetd_networks')['bridge own'], 3);

  const address = `http://${await findTcp(daemon)}`;
  const overTcp = await fetch(`${address}${url}`, { headers: openMetrics });
  t.equal(overTcp.headers.get('content-type'), type);
  const samples = readMetrics(await overTcp.text(), 'openmetrics');
  t.equal(
    valuesOf(samples, 'podnetd_requests_total')['podnetd podnetdMetrics 200'],
    2,
    'each scrape counts once answered',
  );
  t.equal((await fetch(`${address}/v1.41/networks`)).status, 404);
  t.equal((await fetch(`${address}/v1.41/networks/create`, { method: 'POST', body: '{"Name":"x"}' })).status, 404);
  t.equal((await daemon.ask('GET', '/v1.41/networks/x')).status, 404, 'nothing was made');
  t.equal((await daemon.ask('POST', url)).status, 405);
});

t.test('every metric is declared, and those of a fresh daemon are there', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  await create(daemon, 'a');
  const found = namesIn((await daemon.ask('GET', url)).text);
  const declared = new Set<string>(Object.values(metricDeclarations).map(({ name }) => name));
  t.strictSame(
    [...found].filter((name) => !declared.has(name)),
    [],
  );
  // These have nothing to show before a plugin runs, without the switch, and on a host that is in no fleet.
  t.strictSame(
    [...declared].filter((name) => !found.has(name)),
    [
      'podnetd_fleet_blocks',
      'podnetd_fleet_collisions',
      'podnetd_fleet_store_up',
      'podnetd_fleet_claims_total',
      'podnetd_fleet_requests_total',
      'podnetd_network_addresses',
      'podnetd_plugin_duration_seconds',
      'podnetd_plugin_failures_total',
    ],
  );
});

function writeForeign(daemon: TestDaemon, file: string, name: string): void {
  const ipam = { type: 'host-local', ranges: [[{ subnet: '10.66.0.0/30' }]] };
  const conflist = { cniVersion: '0.4.0', name, plugins: [{ type: 'x"} 1\n#', ipam }] };
  writeFileSync(path.join(daemon.folder, file), JSON.stringify(conflist));
}

/** CNI has no such names, so their files are problems. */
const hostileNames = ['a"b', 'a\\', 'a\nb', '"} 1\npodnetd_networks{driver="x"', 'ü😀', '{{.}}', ' '];

t.test('each network has its addresses after a reload, and no name of a file forges a line', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  await create(daemon, 'web');
  for (const [index, name] of hostileNames.entries()) writeForeign(daemon, `x${index}.conflist`, name);
  // podnetd knows no addresses of a plugin that it does not know.
  writeForeign(daemon, 'y.conflist', 'A-z_0.9');
  const named = 'podnetd_network_addresses';
  t.notMatch((await daemon.ask('GET', url)).text, new RegExp(`web|${named}`), 'no name without the switch');
  t.match(await reload(daemon, '[metrics]\nper_network = true\n'), { changed: ['metrics-per-network'] });
  for (const form of ['prometheus', 'openmetrics'] as const) {
    const { text } = await daemon.ask('GET', url, undefined, form === 'openmetrics' ? openMetrics : {});
    const samples = readMetrics(text, form);
    t.strictSame(
      valuesOf(samples, named),
      {
        'podman 4 in_use': 3,
        'podman 4 available': 65_533,
        'web 4 in_use': 3,
        'web 4 available': 253,
      },
      form,
    );
    t.strictSame(valuesOf(samples, 'podnetd_networks'), { 'bridge own': 2, 'other foreign': 1 });
    t.equal(valuesOf(samples, 'podnetd_conflist_problems')[''], hostileNames.length);
  }
  await reload(daemon, '');
  t.notMatch((await daemon.ask('GET', url)).text, named);
});

t.test('another address waits for a restart, and a wrong one changes nothing', async (t) => {
  const daemon = await startDaemon(t, { podnetdToml: '[metrics]\nlisten = "127.0.0.1:0"\n' });
  const address = await findTcp(daemon);
  t.match(await reload(daemon, '[metrics]\nlisten = "127.0.0.1:1"\n'), { waitForRestart: ['metrics-listen'] });
  t.match(await reload(daemon, '[metrics]\nlisten = "0.0.0.0:1"\nper_network = true\n'), {
    msg: /^the settings are wrong/,
  });
  const text = await (await fetch(`http://${address}${url}`)).text();
  t.match(text, /podnetd_networks/);
  t.notMatch(text, /podnetd_network_addresses/);
});

t.test('a podnetd that listens for scrapes does not leave when it is idle', async (t) => {
  const daemon = await startDaemon(t, { args: ['--metrics-listen', '[::1]:0', '--idle-timeout', '1'] });
  await sleep(1_500);
  t.equal((await fetch(`http://${await findTcp(daemon)}${url}`)).status, 200);
  t.equal(await daemon.stop(), 0, 'and ends at a signal');
});

async function listLoaded(t: Test, scrapes: boolean): Promise<string> {
  const preload = path.resolve(import.meta.dirname, '../support/loaded-modules.cjs');
  const list = path.join(makeScratch(t), 'loaded.json');
  const daemon = await startDaemon(t, { env: { NODE_OPTIONS: `--require=${preload}`, PODNETD_TEST_LOADED: list } });
  await create(daemon, 'a');
  if (scrapes) await daemon.ask('GET', url);
  await daemon.stop();
  return readFileSync(list, 'utf8');
}

t.test('the library of metrics is loaded at the first scrape', async (t) => {
  t.notMatch(await listLoaded(t, false), /podnetd-metrics/);
  t.match(await listLoaded(t, true), /podnetd-metrics/);
  t.notMatch(readFileSync(daemonScript, 'utf8'), /node_modules\/prom-client/, 'it is not in the bundle');
});

t.test('without its file a scrape is answered with the remedy, and all else works', async (t) => {
  const bare = makeScratch(t);
  const script = path.join(bare, 'podnetd.cjs');
  copyFileSync(daemonScript, script);
  symlinkSync(path.resolve(import.meta.dirname, '../../node_modules'), path.join(bare, 'node_modules'));
  const daemon = await startDaemon(t, { script });
  const answer = await daemon.ask('GET', url);
  t.equal(answer.status, 507);
  t.match(answer.json(), { message: /podnetd-metrics\.cjs.*install it beside podnetd\.cjs/ });
  await create(daemon, 'a');
  t.equal((await daemon.ask('GET', '/v1.41/networks/a')).status, 200);
});

t.test('a folder that cannot be read has no metrics', async (t) => {
  const daemon = await startDaemon(t);
  await create(daemon, 'a');
  renameSync(daemon.folder, `${daemon.folder}.away`);
  writeFileSync(daemon.folder, 'a file');
  t.equal((await daemon.ask('GET', url)).status, 507);
});
