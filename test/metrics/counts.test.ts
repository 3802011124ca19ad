import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import type { DialectName } from '../../src/api/address.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { openEvents } from '../support/event-stream.js';
import { makeHost, type Host } from '../support/host.js';
import { makeNetns, removeNetns, type Netns } from '../support/netns.js';
import { readDocument } from '../support/openapi-document.js';
import { checkMetrics, readMetrics, valuesOf } from '../support/prometheus.js';
import { rounds } from '../support/rounds.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { python } from '../support/docker-py.js';

/**
 * After random requests, good and bad, with real plugins that fail now and then and files of others, the metrics are what is counted by hand:
 * from the answers, the plugins' own log, the files, and the kernel's addresses.
 */

const realPlugins = '/usr/lib/cni';
const plugins = ['bridge', 'macvlan', 'portmap', 'firewall', 'tuning'] as const;
const skip = missing(
  'ip',
  'nsenter',
  'unshare',
  'promtool',
  python,
  ...plugins.map((name) => `${realPlugins}/${name}`),
);

const settings =
  '[addresses]\nsubnet_pools = [{ base = "10.77.0.0/20", size = 24 }]\nreserved = [{ subnet = "10.77.15.0/24", reason = "r" }]\n';

const names = ['n0', 'n1', 'n2', 'n3'] as const;
const name = fc.constantFrom(...names, 'nope');
const box = fc.nat({ max: 2 });

type Step =
  | {
      readonly do: 'create';
      readonly dialect: DialectName;
      readonly name: string;
      readonly driver: string;
      readonly dry: boolean;
    }
  | { readonly do: 'remove' | 'inspect' | 'prune' | 'list'; readonly dialect: DialectName; readonly name: string }
  | { readonly do: 'connect' | 'disconnect'; readonly name: string; readonly box: number }
  | { readonly do: 'stray'; readonly method: string; readonly url: string }
  | { readonly do: 'file'; readonly file: 'foreign' | 'broken' | 'none' }
  | { readonly do: 'plugins'; readonly fail: boolean }
  | { readonly do: 'die'; readonly box: number };

const dialect = fc.constantFrom<DialectName>('compat', 'libpod-v3', 'libpod-v4');

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('create'),
      dialect,
      name: fc.constantFrom(...names, '../x'),
      driver: fc.constantFrom('bridge', 'bridge', 'macvlan', 'weird'),
      dry: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('remove', 'inspect', 'prune', 'list'), dialect, name }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('connect'), name: fc.constantFrom('n0', 'n1'), box }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('disconnect'), name: fc.constantFrom('n0', 'n1'), box }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('stray'),
      method: fc.constantFrom('GET', 'PATCH', 'PURGE'),
      url: fc.constantFrom(
        '/nope',
        '/libpod/x',
        '/v4.0.0/libpod/networks/%zz',
        '/podnetd/v1/x',
        '/networks/../x',
        '/networks/n0',
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('file'), file: fc.constantFrom('foreign', 'broken', 'none') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('plugins'), fail: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die'), box }) },
) as fc.Arbitrary<Step>;

interface Documented {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

/** The prefix of each dialect's paths, and the templates of its documents. */
const dialects: Readonly<Record<DialectName, { readonly prefix: string; readonly document: Documented }>> = {
  compat: { prefix: '/v1.41', document: readDocument('compat') as Documented },
  'libpod-v3': { prefix: '/v3.4.0/libpod', document: readDocument('libpod-v3') as Documented },
  'libpod-v4': { prefix: '/v4.3.1/libpod', document: readDocument('libpod-v4') as Documented },
  podnetd: { prefix: '/podnetd', document: readDocument('podnetd') as Documented },
};

/** @returns the operationId of the documented route for a path; `unknown` without one */
function operationOf({ document }: { readonly document: Documented }, method: string, given: string): string {
  const templates = Object.entries(document.paths).toSorted(
    ([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')),
  );
  const found = templates.find(([template, methods]) => {
    const pattern = new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
    return methods[method.toLowerCase()] !== undefined && pattern.test(given);
  });
  return found?.[1][method.toLowerCase()]?.operationId ?? 'unknown';
}

/** A run of requests on one daemon, counted as they go. */
class Counted {
  readonly requests: Record<string, number> = {};
  changes = 0;
  publishes = 0;

  constructor(
    readonly daemon: TestDaemon,
    readonly boxes: readonly Netns[],
    readonly places: { readonly failing: string; readonly runs: string },
  ) {}

  async send(dialectName: DialectName, method: string, route: string, body?: unknown) {
    const { prefix } = dialects[dialectName];
    const answer = await this.daemon.ask(method, prefix + route, body);
    const [pathname = ''] = route.split('?');
    this.note(dialectName, operationOf(dialects[dialectName], method, pathname), answer.status);
    return answer;
  }

  note(dialectName: string, operation: string, status: number): void {
    const key = `${dialectName} ${operation} ${status}`;
    this.requests[key] = (this.requests[key] ?? 0) + 1;
  }

  #changed(count: number): void {
    this.changes += count;
    if (count > 0) this.publishes += 1;
  }

  async run(one: Step): Promise<void> {
    switch (one.do) {
      case 'create': {
        const docker = one.dialect === 'compat';
        const route = `/networks/create?${one.dry ? 'dryRun=true&' : ''}${one.dialect === 'libpod-v3' ? `name=${encodeURIComponent(one.name)}` : ''}`;
        const body = docker ? { Name: one.name, Driver: one.driver } : { name: one.name, driver: one.driver };
        const { status } = await this.send(
          one.dialect,
          'POST',
          route,
          one.dialect === 'libpod-v3' ? { Driver: one.driver } : body,
        );
        if (status < 300 && !one.dry) this.#changed(1);
        return;
      }
      case 'remove': {
        const { status } = await this.send(one.dialect, 'DELETE', `/networks/${one.name}`);
        if (status < 300) this.#changed(1);
        return;
      }
      case 'inspect':
        await this.send(
          one.dialect,
          'GET',
          one.dialect === 'compat' ? `/networks/${one.name}` : `/networks/${one.name}/json`,
        );
        return;
      case 'list':
        await this.send(one.dialect, 'GET', one.dialect === 'compat' ? '/networks' : '/networks/json');
        return;
      case 'prune': {
        const before = this.#files().length;
        await this.send(one.dialect, 'POST', '/networks/prune');
        this.#changed(before - this.#files().length);
        return;
      }
      case 'connect':
      case 'disconnect':
        await this.send('podnetd', 'POST', `/v1/networks/${one.name}/${one.do}`, {
          container: this.boxes[one.box]?.name,
        });
        return;
      case 'stray': {
        const { status } = await this.daemon.ask(one.method, one.url);
        const known = one.method === 'GET' && one.url === '/networks/n0';
        const of = one.url.includes('libpod') ? (one.url.startsWith('/v4') ? 'libpod-v4' : 'libpod-v3') : 'compat';
        const owner = one.url.startsWith('/podnetd') ? 'podnetd' : of;
        this.note(owner, known ? operationOf(dialects.compat, 'GET', '/networks/n0') : 'unknown', status);
        return;
      }
      case 'file': {
        // Beside each other, because podnetd shows a network on while its file is being edited in place.
        const files = { foreign: '99-other.conflist', broken: '98-broken.conflist' };
        const place = (file: string) => path.join(this.daemon.folder, file);
        const foreign = { cniVersion: '0.4.0', name: 'foreign', plugins: [{ type: 'strange-one' }] };
        if (one.file === 'none') for (const file of Object.values(files)) rmSync(place(file), { force: true });
        else writeFileSync(place(files[one.file]), one.file === 'broken' ? '{"name": }' : JSON.stringify(foreign));
        return;
      }
      case 'plugins':
        if (one.fail) writeFileSync(this.places.failing, '');
        else rmSync(this.places.failing, { force: true });
        return;
      case 'die': {
        const dying = this.boxes[one.box];
        if (dying !== undefined && existsSync(`/run/netns/${dying.name}`)) removeNetns(dying);
      }
    }
  }

  #files(): readonly string[] {
    return readdirSync(this.daemon.folder).filter((file) => file.endsWith('.conflist'));
  }

  networks() {
    return this.#files().flatMap((file) => {
      try {
        return JSON.parse(readFileSync(path.join(this.daemon.folder, file), 'utf8')) as Conflist;
      } catch {
        return [];
      }
    });
  }
}

interface Conflist {
  readonly name: string;
  readonly plugins: readonly [
    {
      readonly type: string;
      readonly ipam?: { readonly ranges?: readonly (readonly { readonly subnet: string }[])[] };
    },
  ];
}

/** Plugins that log each run, and fail while a file is there. host-local, which bridge runs, is the real one. */
function writePlugins(t: Test): { readonly folder: string; readonly failing: string; readonly runs: string } {
  const folder = path.join(makeScratch(t), 'plugins');
  mkdirSync(folder);
  const [failing, runs] = [path.join(folder, 'failing'), path.join(folder, 'runs')];
  writeFileSync(runs, '');
  for (const plugin of plugins) {
    const file = path.join(folder, plugin);
    writeFileSync(
      file,
      `#!/bin/sh
case $CNI_COMMAND in ADD|DEL) ;; *) exec ${realPlugins}/${plugin} ;; esac
if [ -e ${failing} ]; then
  echo '{"cniVersion":"0.4.0","code":100,"msg":"not today"}'
  code=1
else
  ${realPlugins}/${plugin}
  code=$?
fi
echo "${plugin} $CNI_COMMAND $code" >>${runs}
exit $code
`,
    );
    chmodSync(file, 0o755);
  }
  symlinkSync(`${realPlugins}/host-local`, path.join(folder, 'host-local'));
  return { folder, failing, runs };
}

function count(keys: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

/** The third number of an address of the pool, which is the block that has it; undefined outside. */
function blockOf(address: string): number | undefined {
  const third = /^10\.77\.(\d+)\./.exec(address)?.[1];
  return third === undefined || Number(third) > 15 ? undefined : Number(third);
}

async function countBlocks(networks: readonly Conflist[], host: Host): Promise<Readonly<Record<string, number>>> {
  const subnets = networks.flatMap((network) => network.plugins[0].ipam?.ranges?.flat() ?? []);
  const used = new Set(subnets.map(({ subnet }) => blockOf(subnet)).filter((block) => block !== undefined));
  const links = JSON.parse((await host.run('ip', ['-json', 'addr'])).stdout) as readonly {
    readonly addr_info: readonly { readonly local: string }[];
  }[];
  const local = links.flatMap(({ addr_info }) => addr_info.map(({ local: address }) => blockOf(address)));
  const blocked = new Set(local.filter((block) => block !== undefined && block !== 15 && !used.has(block)));
  const reserved = used.has(15) ? 0 : 1;
  return {
    '10.77.0.0/20 24 used': used.size,
    '10.77.0.0/20 24 reserved': reserved,
    '10.77.0.0/20 24 blocked': blocked.size,
    '10.77.0.0/20 24 free': 16 - used.size - reserved - blocked.size,
  };
}

/** Attachments of the result cache by whether their namespace is there. */
function countAttachments({ daemon, boxes }: Counted): { readonly live: number; readonly dead: number } {
  const folder = path.join(daemon.cacheDir, 'results');
  const texts = existsSync(folder)
    ? readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'))
    : [];
  const entries = texts.filter((text) => text.includes('"containerId"'));
  const live = boxes.filter(({ name: own }) => existsSync(`/run/netns/${own}`));
  const isLive = (text: string) => live.some(({ name: own }) => text.includes(`/${own}"`));
  return { live: entries.filter(isLive).length, dead: entries.filter((text) => !isLive(text)).length };
}

async function check(t: Test, counted: Counted, host: Host, streams: number): Promise<void> {
  const answer = await counted.daemon.ask('GET', '/podnetd/v1/metrics');
  t.equal(answer.status, 200, answer.text.slice(0, 200));
  t.equal(checkMetrics(answer.text), '', 'promtool finds nothing');
  const samples = readMetrics(answer.text);
  const of = (metric: string) => valuesOf(samples, metric);

  t.strictSame(of('podnetd_requests_total'), counted.requests, 'requests');
  const durations = of('podnetd_request_duration_seconds_count');
  const perOperation: Record<string, number> = {};
  for (const [key, value] of Object.entries(counted.requests)) {
    const operation = key.replace(/ \d+$/, '');
    perOperation[operation] = (perOperation[operation] ?? 0) + value;
  }
  t.strictSame(durations, perOperation, 'durations');

  const networks = counted.networks();
  const own = networks.map(({ name: called, plugins: [{ type }] }) =>
    called === 'foreign' ? 'other foreign' : `${type} own`,
  );
  t.strictSame(of('podnetd_networks'), count([...own, 'bridge own']), 'networks, with the one in memory');
  const files = readdirSync(counted.daemon.folder).filter((file) => file.endsWith('.conflist'));
  t.equal(of('podnetd_conflist_problems')[''], files.length - networks.length, 'problems');
  t.strictSame(of('podnetd_pool_blocks'), await countBlocks(networks, host), 'blocks');
  t.match(of('podnetd_attachments'), countAttachments(counted), 'attachments');
  t.equal(of('podnetd_event_streams')[''], streams, 'streams');

  t.equal(of('podnetd_batch_size_sum')[''], counted.changes, 'changes');
  t.equal(of('podnetd_batch_size_count')[''], counted.publishes, 'batches');
  t.equal(of('podnetd_publish_duration_seconds_count')[''], counted.publishes, 'waits for the disk');
  t.ok((of('podnetd_lock_wait_seconds_count')[''] ?? 0) >= counted.publishes, 'waits for the lane');

  const runs = readFileSync(counted.places.runs, 'utf8').split('\n').filter(Boolean);
  const steps = count(runs.map((line) => line.replace(/ \d+$/, '')));
  t.strictSame(of('podnetd_plugin_duration_seconds_count'), steps, 'runs of plugins');
  const failed = count(runs.filter((line) => !line.endsWith(' 0')).map((line) => line.replace(/ \d+$/, '')));
  const none = Object.fromEntries(Object.keys(steps).map((key) => [key, 0]));
  t.strictSame(of('podnetd_plugin_failures_total'), { ...none, ...failed }, 'runs that failed');
  counted.note('podnetd', 'podnetdMetrics', 200);
}

t.test('metrics are what is counted by hand', { skip }, async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 40 }), fc.nat({ max: 2 }), async (steps, streams) => {
      await t.test('a run', async (t) => {
        const host = await makeHost(t);
        const { folder, ...places } = writePlugins(t);
        const daemon = await startDaemon(t, { netns: host, podnetdToml: settings, args: ['--cni-plugin-dir', folder] });
        const counted = new Counted(daemon, [makeNetns(t, false), makeNetns(t, false), makeNetns(t, false)], places);
        const half = Math.floor(steps.length / 2);
        for (const one of steps.slice(0, half)) await counted.run(one);
        await check(t, counted, host, 0);
        for (let index = 0; index < streams; index += 1)
          await openEvents(t, daemon.socket, '/v4.3.1/libpod/events?stream=true');
        for (const one of steps.slice(half)) await counted.run(one);
        await check(t, counted, host, streams);
      });
      if (!t.passing()) throw new Error('a count differs');
    }),
    { numRuns: rounds(3, 60), endOnFailure: true },
  );
});
