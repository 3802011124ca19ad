import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { Answer } from '../support/client.js';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { openEvents } from '../support/event-stream.js';
import { makeNetns } from '../support/netns.js';
import { makePodman } from '../support/podman.js';
import { snapshotFolder } from '../support/snapshot-folder.js';
import { missing } from '../support/tools.js';

/** A network is changed in its file: the answer says what is in force, and a refusal leaves the folder as it was. */

const skip = missing('ip', 'nsenter');
const libpod = '/v5.4.2/libpod/networks';
const own = (name: string) => `/podnetd/v1/networks/${name}`;

interface Report {
  readonly network: Readonly<Record<string, unknown>>;
  readonly in_force: readonly string[];
  readonly for_new_attachments: readonly string[];
  readonly containers_as_before: readonly string[];
  readonly warnings: readonly string[];
}

const bare = { driver: 'bridge', subnets: [{ subnet: '10.91.0.0/24' }] };

async function make(daemon: TestDaemon, name: string, more: object = {}): Promise<string> {
  const answer = await daemon.ask('POST', `${libpod}/create`, { name, ...bare, ...more });
  if (answer.status !== 200) throw new Error(answer.text);
  return path.join(daemon.folder, `${name}.conflist`);
}

const patch = async (daemon: TestDaemon, name: string, body: unknown, headers: Record<string, string> = {}) =>
  await daemon.ask('PATCH', own(name), body, { 'content-type': 'application/merge-patch+json', ...headers });

const inspect = async (daemon: TestDaemon, name: string) => await daemon.ask('GET', `${libpod}/${name}/json`);

/** The answer to a patch, which inspects agree with. */
async function change(t: Test, daemon: TestDaemon, body: unknown, name = 'web'): Promise<Report> {
  const answer = await patch(daemon, name, body);
  t.equal(answer.status, 200, answer.text);
  const report = answer.json() as Report;
  const seen = await inspect(daemon, name);
  t.strictSame(report.network, seen.json(), 'the answer has the network as inspect shows it');
  t.equal(answer.headers['etag'], seen.headers['etag'], 'and its tag');
  return report;
}

t.test('each member that can change', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const file = await make(daemon, 'web', { labels: { team: 'x' } });
  const before = (await inspect(daemon, 'web')).json() as Report['network'];
  const check = async (body: unknown, network: object, effects: Partial<Report>) => {
    const { network: shown, ...report } = await change(t, daemon, body);
    t.match(shown, network, JSON.stringify(body));
    const none = { in_force: [], for_new_attachments: [], containers_as_before: [], warnings: [] };
    t.strictSame(report, { ...none, ...effects }, JSON.stringify(body));
  };
  await check({ labels: { tier: '1', team: null } }, { labels: { tier: '1' } }, { in_force: ['labels'] });
  await check({ labels: null }, { labels: undefined }, { in_force: ['labels'] });
  const mtu = { options: { mtu: '1400', isolate: 'true' } };
  await check(mtu, mtu, { for_new_attachments: ['options.mtu', 'options.isolate'] });
  await check({ options: { isolate: null } }, { options: { mtu: '1400' } }, { in_force: ['options.isolate'] });
  const lease_range = { start_ip: '10.91.0.100', end_ip: '10.91.0.200' };
  const ranged = [{ subnet: '10.91.0.0/24', gateway: '10.91.0.1', lease_range }];
  await check({ subnets: ranged }, { subnets: ranged }, { for_new_attachments: ['subnets'] });
  await check({ reserved_addresses: { printer: '10.91.0.150' } }, {}, { for_new_attachments: ['reserved_addresses'] });
  const asDocker = async () => (await daemon.ask('GET', '/networks/web')).json() as { readonly IPAM: unknown };
  t.match((await asDocker()).IPAM, { Config: [{ AuxiliaryAddresses: { printer: '10.91.0.150' } }] });
  await check({ reserved_addresses: { printer: null } }, {}, { for_new_attachments: ['reserved_addresses'] });
  t.notMatch((await asDocker()).IPAM, { Config: [{ AuxiliaryAddresses: Object }] });
  const ipv6 = { subnet: /^fd.*::\/64$/, gateway: /^fd.*::1$/ };
  const dual = { ipv6_enabled: true, subnets: [ranged[0], ipv6] };
  await check({ ipv6_enabled: true }, dual, { for_new_attachments: ['subnets'] });
  const single = { ipv6_enabled: false, subnets: [{ subnet: '10.91.0.0/24' }] };
  await check(
    single,
    { subnets: [{ subnet: '10.91.0.0/24', gateway: '10.91.0.1' }] },
    { for_new_attachments: ['subnets'] },
  );
  const added = { subnets: [{ subnet: '10.91.0.0/24' }, { subnet: 'fd00:91::/64' }, { subnet: 'fd00:92::/64' }] };
  await check(added, added, { for_new_attachments: ['subnets'] });
  await check({ subnets: added.subnets.slice(0, 2) }, {}, { in_force: ['subnets'] });
  const routes = { routes: [{ destination: '10.200.0.0/16', gateway: '10.91.0.9' }] };
  await check(routes, routes, { for_new_attachments: ['routes'] });
  const servers = { network_dns_servers: ['10.91.0.53', '9.9.9.9'] };
  await check(servers, servers, { for_new_attachments: ['network_dns_servers'] });
  await check({ docker_options: { 'com.example.x': 'y' } }, {}, { in_force: ['docker_options.com.example.x'] });
  const docker = (await daemon.ask('GET', '/networks/web')).json() as { readonly Options: unknown };
  t.match(docker.Options, { 'com.example.x': 'y' }, 'a Docker client reads it');

  const text = readFileSync(file, 'utf8');
  await check({ name: 'web', driver: 'bridge', labels: {} }, {}, {});
  t.equal(readFileSync(file, 'utf8'), text, 'what is so already writes nothing');
  const { created } = (await inspect(daemon, 'web')).json() as { readonly created: string };
  const toMicroseconds = (time: unknown) =>
    String(time)
      .replace(/(\.\d{6})\d*/, '$1')
      .replace(/0+Z$/, 'Z');
  t.equal(toMicroseconds(created), toMicroseconds(before['created']), 'the network was made when it was made');
  t.equal(statSync(file).mode & 0o777, 0o644);
});

t.test('a change of a network with a Docker client is read back by it', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const body = {
    Name: 'web',
    EnableIPv6: false,
    Options: { 'com.docker.network.driver.mtu': '1500', other: 'kept' },
    IPAM: { Config: [{ Subnet: '10.91.0.0/24', IPRange: '10.91.0.128/25' }] },
  };
  t.equal((await daemon.ask('POST', '/networks/create', body)).status, 201);
  const read = async () =>
    (await daemon.ask('GET', '/networks/web')).json() as typeof body & Readonly<Record<string, unknown>>;
  t.match(await read(), body);
  await change(t, daemon, { options: { mtu: '1400' }, ipv6_enabled: true, subnets: [{ subnet: '10.91.0.0/24' }] });
  const { Options, IPAM, EnableIPv6 } = await read();
  t.strictSame(Options, { 'com.docker.network.driver.mtu': '1400', other: 'kept' });
  t.equal(EnableIPv6, true);
  t.strictSame(IPAM.Config[0], { Subnet: '10.91.0.0/24', Gateway: '10.91.0.1' });
  await change(t, daemon, { options: { mtu: null }, docker_options: { other: null } });
  t.strictSame((await read()).Options, {});
});

/** Patches of `web` that are refused, with status and message. */
const refusals: readonly (readonly [body: unknown, status: number, message: string | RegExp])[] = [
  ['{', 400, 'unexpected EOF'],
  [7, 400, 'json: cannot unmarshal number 7 into Go value of type NetworkPatch'],
  [{ label: {} }, 400, /^unknown member "label": known are name, id, driver, .*, docker_options$/],
  [{ labels: { a: 1 } }, 400, /cannot unmarshal number 1 into Go struct field NetworkPatch\.labels\.a of type string/],
  [{ labels: [] }, 400, /cannot unmarshal array into Go struct field NetworkPatch\.labels of type map\[string\]string/],
  [{ subnets: {} }, 400, /cannot unmarshal object into Go struct field NetworkPatch\.subnets of type/],
  [
    { dns_enabled: 'yes' },
    400,
    /cannot unmarshal string "yes" into Go struct field NetworkPatch\.dns_enabled of type bool/,
  ],
  [{ name: 'db' }, 403, 'name of network web cannot be changed: leases, result caches and the id go by it'],
  [{ id: null }, 403, 'id of network web cannot be changed: it follows from the name'],
  [
    { driver: 'macvlan' },
    403,
    'driver of network web cannot be changed: the interfaces of its containers are of that kind',
  ],
  [
    { network_interface: 'br9' },
    403,
    'network_interface of network web cannot be changed: its containers are plugged into it',
  ],
  [{ created: '2020-01-01T00:00:00Z' }, 403, /^created of network web cannot be changed/],
  [{ internal: true }, 403, /^internal of network web cannot be changed/],
  [{ ipam_options: { driver: 'none' } }, 403, /^ipam_options of network web cannot be changed/],
  [{ options: { vlan: '7' } }, 403, /^options\.vlan of network web cannot be changed/],
  [{ options: { mtu: '-1' } }, 400, /mtu/],
  [{ options: { isolate: 'x' } }, 400, /isolate/],
  [{ options: { speed: '9' } }, 501, /speed/],
  [{ subnets: [] }, 400, 'network web would have no subnet: leave it one, or remove the network'],
  [{ subnets: [{ subnet: 'x' }] }, 400, 'invalid CIDR address: x'],
  [{ subnets: [{}] }, 400, /^subnet ip is nil: subnets\[0\] names no prefix/],
  [
    { subnets: [{ subnet: '10.91.0.0/24', gateway: '10.91.0.9' }] },
    403,
    /^gateway of 10\.91\.0\.0\/24 of network web cannot be changed from 10\.91\.0\.1 to 10\.91\.0\.9/,
  ],
  [
    { subnets: [{ subnet: '10.91.0.0/24' }, { subnet: '10.92.0.0/24' }] },
    501,
    /^subnet 10\.92\.0\.0\/24 of network web cannot be added beside 10\.91\.0\.0\/24/,
  ],
  [{ subnets: [{ subnet: '10.91.0.0/24' }, { subnet: '10.91.0.0/25' }] }, 400, /overlaps .* of the same request/],
  [{ subnets: [{ subnet: '10.99.0.0/16' }] }, 409, /it overlaps 10\.99\.0\.0\/24 of network other/],
  [{ subnets: [{ subnet: '10.91.0.0/24', lease_range: { start_ip: '10.92.0.1' } }] }, 400, /10\.92\.0\.1/],
  [
    { ipv6_enabled: false, subnets: [{ subnet: '10.91.0.0/24' }, { subnet: 'fd00:91::/64' }] },
    400,
    'ipv6_enabled is false, and subnets has fd00:91::/64',
  ],
  [
    { routes: [{ destination: '10.200.0.0/16', gateway: '10.3.0.1' }] },
    400,
    /^gateway 10\.3\.0\.1 of the route to 10\.200\.0\.0\/16 is in no subnet/,
  ],
  [{ reserved_addresses: { printer: 'x' } }, 400, 'invalid IP address: x'],
  [
    { reserved_addresses: { printer: '10.92.0.9' } },
    400,
    'auxiliary address 10.92.0.9 of printer not in subnet 10.91.0.0/24',
  ],
  [{ reserved_addresses: { router: '10.91.0.1' } }, 400, /is the gateway address of subnet 10\.91\.0\.0\/24/],
  [{ network_dns_servers: ['x'] }, 400, /^unable to parse ip x specified in NetworkDNSServers/],
  [{ docker_options: { 'com.docker.network.driver.mtu': '1400' } }, 501, /it is the member options\.mtu$/],
  [{ labels: Object.fromEntries(Array.from({ length: 4_097 }, (_, index) => [`k${index}`, ''])) }, 400, /4096/],
];

t.test('what is refused leaves the folder untouched', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  await make(daemon, 'web');
  await make(daemon, 'other', { subnets: [{ subnet: '10.99.0.0/24' }] });
  const foreign = path.join(daemon.folder, '10-theirs.conflist');
  writeFileSync(
    foreign,
    readFileSync(path.join(daemon.folder, 'web.conflist'), 'utf8')
      .replaceAll('web', 'theirs')
      .replaceAll('10.91', '10.90')
      .replace('cni-podman', 'theirs'),
  );
  const before = snapshotFolder(daemon.folder);
  const check = (answer: Answer, status: number, message: string | RegExp, what: string) => {
    t.equal(answer.status, status, `${what}: ${answer.text}`);
    t.match(answer.json(), { message, response: status }, what);
    t.strictSame(snapshotFolder(daemon.folder), before, what);
  };
  for (const [body, status, message] of refusals) {
    const what = JSON.stringify(body).slice(0, 200);
    check(await patch(daemon, 'web', body), status, message, what);
    check(await daemon.ask('PATCH', `${own('web')}?dryRun=true`, body), status, message, `${what}, tried`);
  }
  check(await patch(daemon, 'nope', {}), 404, /network not found$/, 'an unknown network');
  check(
    await patch(daemon, 'theirs', { labels: {} }),
    403,
    /^network theirs cannot be changed: neither podnetd nor Podman wrote /,
    'a foreign one',
  );
  check(
    await daemon.ask('POST', `${libpod}/theirs/update`, { adddnsservers: ['9.9.9.9'] }),
    403,
    /cannot be changed/,
    'a foreign one',
  );
  const dns = await patch(
    await startDaemon(t, { folder: daemon.folder, args: ['--cni-plugin-dir', '/nowhere'] }),
    'web',
    { dns_enabled: true },
  );
  check(dns, 501, 'DNS of network web cannot be enabled: the dnsname plugin is not installed', 'no dnsname');
});

t.test('names that every object has are names like others', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  await make(daemon, 'web');
  await change(t, daemon, { docker_options: { constructor: 'x', toString: 'y' }, labels: { valueOf: 'z' } });
  t.match((await patch(daemon, 'web', { options: { constructor: 'x' } })).json(), { message: /constructor/ });
  t.match((await patch(daemon, 'web', { constructor: 1 })).json(), { message: /^unknown member "constructor"/ });
});

t.test('a default route of the network does not come back beside one that is a static route', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const routes = [{ destination: '0.0.0.0/0', gateway: '10.91.0.9' }];
  await make(daemon, 'web', { options: { no_default_route: 'true' }, routes });
  await change(t, daemon, { options: { mtu: '1400' } });
  const refused = await patch(daemon, 'web', { options: { no_default_route: null } });
  t.match(refused.json(), { message: /containers have a default route to the gateway of the network already/ });
  await change(t, daemon, { options: { no_default_route: null }, routes: null });
});

t.test('members that podnetd does not know may be nested deeply', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const file = await make(daemon, 'web');
  const deep = '['.repeat(9_000) + ']'.repeat(9_000);
  const text = readFileSync(file, 'utf8').replace('"type": "host-local"', `"deep": ${deep}, "type": "host-local"`);
  writeFileSync(file, text);
  await change(t, daemon, { labels: { team: 'x' } });
  t.match(readFileSync(file, 'utf8'), `"deep": ${deep}, "type"`);
  await change(t, daemon, { labels: null });
  t.equal(readFileSync(file, 'utf8'), text);
});

t.test('a dry run answers as the change would, and makes none', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const file = await make(daemon, 'web');
  const before = snapshotFolder(daemon.folder);
  const body = { labels: { a: 'b' }, subnets: [{ subnet: '10.91.0.0/24' }, { subnet: 'fd00:91::/64' }] };
  const tried = await daemon.ask('PATCH', `${own('web')}?dryRun=true`, body);
  t.equal(tried.status, 200, tried.text);
  t.equal(tried.headers['podnetd-dry-run'], 'true');
  t.equal(tried.headers['etag'], undefined, 'there is no such state');
  t.strictSame(snapshotFolder(daemon.folder), before);
  t.strictSame((await patch(daemon, 'web', body)).json(), tried.json());
  const servers = { adddnsservers: ['9.9.9.9'] };
  const text = readFileSync(file, 'utf8');
  t.equal((await daemon.ask('POST', `${libpod}/web/update?dryRun=true`, servers)).status, 204);
  t.equal(readFileSync(file, 'utf8'), text);
});

t.test("libpod's update adds and takes away DNS servers as Podman 5 does", { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  await make(daemon, 'web');
  const update = async (body: object) => {
    const { status, text } = await daemon.ask('POST', `${libpod}/web/update`, body);
    t.equal(status, 204, text);
    return ((await inspect(daemon, 'web')).json() as { readonly network_dns_servers?: unknown }).network_dns_servers;
  };
  // As Podman 5.4.2 sends it: a list that was not given is null.
  t.strictSame(await update({ adddnsservers: ['9.9.9.9', '8.8.8.8', '9.9.9.9'], removednsservers: null }), [
    '9.9.9.9',
    '8.8.8.8',
  ]);
  t.strictSame(await update({ adddnsservers: ['fd00::53'], removednsservers: ['9.9.9.9', '1.1.1.1'] }), [
    '8.8.8.8',
    'fd00::53',
  ]);
  t.strictSame(await update({ adddnsservers: ['8.8.8.8'], removednsservers: ['8.8.8.8'] }), ['fd00::53', '8.8.8.8']);
  t.strictSame(await update({ removednsservers: ['fd00::53', '8.8.8.8'] }), undefined);
});

t.test('the default network gets a file with its first change', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const events = await openEvents(t, daemon.socket, '/v5.4.2/libpod/events');
  const file = path.join(daemon.folder, 'podman.conflist');
  t.equal((await daemon.ask('PATCH', `${own('podman')}?dryRun=true`, { labels: { a: 'b' } })).status, 200);
  t.notOk(existsSync(file));
  await change(t, daemon, { labels: { a: 'b' } }, 'podman');
  t.match(readFileSync(file, 'utf8'), '"podman_labels"');
  const [event] = await events.lines(1);
  t.match(event, { Action: 'update', Actor: { Attributes: { name: 'podman' } } });
  await change(t, daemon, { labels: { a: 'c' } }, 'podman');
  t.strictSame(readdirSync(daemon.folder).toSorted(), ['cni.lock', 'podman.conflist']);
});

t.test('a change is an event in the form of each dialect', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const streams = {
    compat: await openEvents(t, daemon.socket, '/events'),
    v3: await openEvents(t, daemon.socket, '/v3.2.0/libpod/events'),
    v4: await openEvents(t, daemon.socket, '/v5.4.2/libpod/events'),
  };
  await make(daemon, 'web');
  await change(t, daemon, { labels: { a: 'b' } });
  await change(t, daemon, { labels: { a: 'b' } });
  t.equal((await patch(daemon, 'web', { name: 'x' })).status, 403);
  t.equal((await daemon.ask('DELETE', '/networks/web')).status, 204);
  for (const [dialect, stream] of Object.entries(streams)) {
    const events = await stream.lines(3);
    const last = dialect === 'compat' ? 'destroy' : 'remove';
    t.strictSame(
      events.map(({ Action }) => Action),
      ['create', 'update', last],
      `${dialect}: a refusal, and what changes nothing, is none`,
    );
    const [created, updated] = events;
    t.strictSame(updated?.['Actor'], created?.['Actor'], dialect);
  }
});

t.test('If-Match on update, remove and connect', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const dialects = [
    { networks: '/networks', inspect: '', statuses: { gone: 204 } },
    { networks: '/v3.2.0/libpod/networks', inspect: '/json', statuses: { gone: 200 } },
    { networks: libpod, inspect: '/json', statuses: { gone: 200 } },
  ];
  for (const { networks, inspect: rest, statuses } of dialects) {
    await make(daemon, 'web', { labels: { a: 'b' } });
    const tagOf = async () => String((await daemon.ask('GET', `${networks}/web${rest}`)).headers['etag']);
    const first = await tagOf();
    t.match(first, /^"[0-9a-f]{80}"$/);
    t.equal(await tagOf(), first, 'it stays while nothing changes');
    t.equal(String((await inspect(daemon, 'web')).headers['etag']), first, 'it is the same in each dialect');
    const updated = await patch(daemon, 'web', { labels: { a: 'c' }, options: { mtu: '1400' } }, { 'if-match': first });
    t.equal(updated.status, 200, updated.text);
    const second = await tagOf();
    t.equal(updated.headers['etag'], second);
    const asks = [
      ['PATCH', own('web'), { labels: { a: 'd' } }],
      ['PATCH', `${own('web')}?dryRun=true`, { labels: { a: 'd' } }],
      ['POST', `${libpod}/web/update`, { adddnsservers: ['9.9.9.9'] }],
      ['POST', `${own('web')}/connect`, { container: '/proc/self/ns/net' }],
      ['POST', `${networks}/web/connect`, { container: 'c' }],
      ['DELETE', `${networks}/web`, undefined],
      ['DELETE', `${networks}/web?dryRun=true`, undefined],
    ] as const;
    const before = snapshotFolder(daemon.folder);
    for (const [method, url, body] of asks) {
      const outdated = await daemon.ask(method, url, body, { 'if-match': first });
      t.equal(outdated.status, 412, `${method} ${url}: ${outdated.text}`);
      const message =
        /^network web is another one: labels, options changed; its ETag is [0-9a-f]{80}, If-Match asks for /;
      t.match(outdated.json(), { message, response: 412 });
      const other = await daemon.ask(method, url, body, { 'if-match': '"other"' });
      t.match(other.json(), { message: /^network web is another one: it changed; /, response: 412 });
      t.equal((await daemon.ask(method, url, body, { 'if-match': `W/${second}` })).status, 412, 'a weak tag');
    }
    t.strictSame(snapshotFolder(daemon.folder), before);
    const wrong = await daemon.ask('POST', `${networks}/web/disconnect`, { Container: 'c' }, { 'if-match': second });
    t.match(wrong.json(), { message: /takes no If-Match/ }, 'a disconnect has no such condition');
    const removed = await daemon.ask('DELETE', `${networks}/web`, undefined, { 'if-match': `"other", ${second}` });
    t.equal(removed.status, statuses.gone, removed.text);
    await make(daemon, 'web', { labels: { a: 'c' }, options: { mtu: '1400' } });
    const again = await patch(daemon, 'web', {}, { 'if-match': second });
    t.match(again.json(), { message: /^network web is another one: created changed; / }, 'another network of the name');
    t.equal((await daemon.ask('DELETE', '/networks/web', undefined, { 'if-match': '*' })).status, 204, 'any state');
  }
});

t.test('an edit in place by another program makes a tag outdated', { skip }, async (t) => {
  const daemon = await startDaemon(t, { netns: makeNetns(t) });
  const file = await make(daemon, 'web');
  const tag = String((await inspect(daemon, 'web')).headers['etag']);
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n`);
  const outdated = await patch(daemon, 'web', { labels: { a: 'b' } }, { 'if-match': tag });
  t.match(outdated.json(), { message: /^network web is another one: created changed; /, response: 412 });
});

t.test(
  'Podman reads and inspects a changed file as its own',
  { skip: missing('podman', 'ip', 'nsenter') },
  async (t) => {
    const netns = makeNetns(t);
    const daemon = await startDaemon(t, { netns });
    const podman = makePodman(t, { folder: daemon.folder, netns });
    await podman.must('network', 'create', '--subnet', '10.91.0.0/24', '--label', 'team=x', '--disable-dns', 'web');
    const file = path.join(daemon.folder, 'web.conflist');
    const read = async () =>
      JSON.parse(await podman.must('network', 'inspect', 'web')) as readonly Readonly<Record<string, unknown>>[];
    await change(t, daemon, {
      labels: { team: 'y', tier: '1' },
      options: { mtu: '1400', isolate: 'true' },
      subnets: [{ subnet: '10.91.0.0/24', lease_range: { start_ip: '10.91.0.9' } }, { subnet: 'fd00:91::/64' }],
      network_dns_servers: ['9.9.9.9'],
    });
    const [after] = await read();
    const { containers, network_dns_servers, ...shown } = (await inspect(daemon, 'web')).json() as Report['network'];
    t.strictSame([containers, network_dns_servers], [{}, ['9.9.9.9']]);
    t.strictSame(
      { ...after, created: '' },
      { ...shown, created: '' },
      'Podman shows what podnetd shows, but for the time: it takes the ctime',
    );
    await change(t, daemon, {
      labels: { team: 'x', tier: null },
      options: null,
      subnets: [{ subnet: '10.91.0.0/24' }],
      network_dns_servers: null,
    });
    const text = readFileSync(file, 'utf8');
    await podman.must('network', 'create', '--subnet', '10.92.0.0/24', '--label', 'team=x', '--disable-dns', 'two');
    const theirs = readFileSync(path.join(daemon.folder, 'two.conflist'), 'utf8');
    t.equal(
      theirs.replaceAll('two', 'web').replaceAll('10.92', '10.91').replace('cni-podman2', 'cni-podman1'),
      text,
      'a change that is taken back leaves the file that Podman wrote',
    );
    await podman.must('network', 'rm', 'web');
    t.notOk(existsSync(file));
  },
);
