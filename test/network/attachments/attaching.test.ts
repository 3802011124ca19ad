import { readdirSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import type { PlaceProgram } from '../../../src/host/programs/program-call.js';
import { formatAddress } from '../../../src/ip/cidr.js';
import type { Attachment } from '../../../src/model/attachment.js';
import type { ConnectOptions } from '../../../src/network/attachments/check-connect.js';
import { makeAttaching, type TestAttaching } from '../../support/attaching.js';
import { connectAnyhow } from '../../support/connect-options.js';
import { makeHost, type Host } from '../../support/host.js';
import { makeNetns, removeNetns, type Netns } from '../../support/netns.js';
import { request } from '../../support/service.js';
import { knock, serveTcp } from '../../support/tcp.js';
import { checkNothingLeft, readRules } from '../../support/traces.js';
import { missing } from '../../support/tools.js';

const pluginDir = '/usr/lib/cni';
const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', 'ip6tables-save', 'dnsmasq', `${pluginDir}/dnsname`);

interface World extends TestAttaching {
  readonly host: Host;
}

async function makeWorld(t: Test): Promise<World> {
  const host = await makeHost(t);
  const runner: PlaceProgram = async ({ file, args }) => {
    const [wrapped, wrappedArgs] = host.wrap(file, args);
    return await Promise.resolve({ file: wrapped, args: wrappedArgs });
  };
  return { ...makeAttaching(t, { pluginDirs: [pluginDir], runner, leaseDir: host.leaseDir }), host };
}

const gatewayOf = ({ addresses }: Attachment) =>
  addresses.flatMap(({ gateway }) => (gateway === undefined ? [] : [formatAddress(gateway)])).join();

const addressOf = ({ addresses }: Attachment) => addresses.map(({ address }) => formatAddress(address)).join();

t.test('fifty concurrent connects get fifty addresses, and disconnects leave nothing', { skip }, async (t) => {
  const { networks, attaching, host, cacheDir } = await makeWorld(t);
  await networks.create(request('busy'));
  const containers = Array.from({ length: 50 }, () => makeNetns(t));
  const connected = await Promise.all(
    containers.map(
      async ({ name }, index) =>
        await attaching.connect('busy', name, {
          ...connectAnyhow,
          portMappings: [{ hostPort: 20_000 + index, containerPort: 80, protocol: 'tcp', hostIp: undefined }],
        }),
    ),
  );
  t.equal(new Set(connected.map(addressOf)).size, 50);
  t.equal(readdirSync(path.join(cacheDir, 'results')).length, 50);
  const rules = await readRules(host);
  t.strictSame(duplicates(rules), [], 'no rule twice');
  await Promise.all(containers.map(async ({ name }) => await attaching.disconnect('busy', name, false)));
  await checkNothingLeft(t, host, cacheDir, ['busy']);
});

t.test('two containers reach each other by name until they are disconnected', { skip }, async (t) => {
  const { networks, attaching, host, cacheDir, events } = await makeWorld(t);
  await networks.create(request('front', { dnsEnabled: true, subnets: [] }));
  await networks.create(request('inner', { internal: true }));
  const [web, db, lone] = [makeNetns(t), makeNetns(t), makeNetns(t)];
  const port = { hostPort: 18_080, containerPort: 80, protocol: 'tcp', hostIp: undefined } as const;
  const first = await attaching.connect('front', web.name, {
    ...connectAnyhow,
    aliases: ['www'],
    portMappings: [port],
  });
  const second = await attaching.connect('front', db.path, {
    ...connectAnyhow,
    macAddress: '02-00-00-00-00-AA',
    interfaceName: 'lan0',
  });
  const inside = await attaching.connect('inner', lone.name, connectAnyhow);
  t.match(first, { ifName: 'eth0', containerName: web.name, aliases: ['www'] });
  t.match(second, { ifName: 'lan0', macAddress: '02:00:00:00:00:aa' });
  const gateway = gatewayOf(first);
  await serveTcp(t, web, 80);
  t.equal(await knock(db, addressOf(first), 80), 'port 80');
  t.equal(await knock(db, gateway, 9), 'ECONNREFUSED', 'the gateway answers');
  t.equal(await knock(lone, addressOf(first), 80), 'ENETUNREACH', 'an internal network leads nowhere');
  t.equal(await lookUp(db, gateway, 'www.dns.podman'), addressOf(first), 'by alias');
  t.equal(await lookUp(db, gateway, `${web.name}.dns.podman`), addressOf(first), 'by name');
  t.equal(await knock(host, gateway, 18_080), 'port 80', 'the port mapping answers');

  await t.rejects(attaching.connect('front', web.name, connectAnyhow), { code: 'alreadyConnected', kind: 'inUse' });
  t.match(await attaching.connect('inner', web.name, connectAnyhow), { ifName: 'eth1' });
  await attaching.disconnect('inner', web.name, false);
  await attaching.disconnect('inner', inside.containerId.slice(0, 12), false);
  await attaching.disconnect('front', web.name, false);
  await attaching.disconnect('front', second.containerId, false);
  await t.rejects(attaching.disconnect('front', db.name, false), { code: 'notConnected' });
  await checkNothingLeft(t, host, cacheDir, ['front', 'inner']);
  t.notMatch(await web.ip('-brief', 'link'), 'eth');
  t.match(
    events.map(({ action, container }) => [action, container?.name]),
    [
      ['connect', web.name],
      ['connect', db.name],
      ['connect', lone.name],
      ['connect', web.name],
      ['disconnect', web.name],
      ['disconnect', lone.name],
      ['disconnect', web.name],
      ['disconnect', db.name],
    ],
  );
});

t.test('options of a connect are met or refused', { skip }, async (t) => {
  const { networks, attaching, host, cacheDir } = await makeWorld(t);
  await networks.create(request('fixed', { ipv6Enabled: true }));
  const { network } = await networks.inspect('fixed');
  const [v4, v6] = network.subnets.map(({ cidr }) => ({ family: cidr.family, value: cidr.base + 77n }));
  if (v4 === undefined || v6 === undefined) throw new Error('not dual stack');
  const box = makeNetns(t);
  const connected = await attaching.connect('fixed', box.name, { ...connectAnyhow, staticAddresses: [v4, v6] });
  t.equal(addressOf(connected), [v4, v6].map(formatAddress).join());
  const other = makeNetns(t);
  await t.rejects(
    attaching.connect('fixed', other.name, { ...connectAnyhow, staticAddresses: [v4] }),
    { code: 'pluginFailed', details: { plugin: 'bridge', command: 'ADD' } },
    'an address of another container',
  );
  const one = await attaching.connect('fixed', other.name, {
    ...connectAnyhow,
    staticAddresses: [{ ...v4, value: v4.value + 1n }],
  });
  t.match(addressOf(one), formatAddress({ ...v4, value: v4.value + 1n }));
  const refused: readonly [Partial<ConnectOptions>, string][] = [
    [{ staticAddresses: [{ family: 4, value: 1n }] }, 'staticAddressOutside'],
    [{ staticAddresses: [{ ...v4, value: v4.value - 76n }] }, 'staticAddressUnusable'],
    [{ staticAddresses: [{ ...v4, value: v4.value - 77n }] }, 'staticAddressUnusable'],
    [{ macAddress: '01:00:00:00:00:01' }, 'macInvalid'],
    [{ macAddress: '02:00:00:00:00' }, 'macInvalid'],
    [{ interfaceName: 'a/b' }, 'interfaceNameInvalid'],
    [{ interfaceName: 'abcdefghijklmnop' }, 'interfaceNameInvalid'],
    [{ interfaceName: 'lo' }, 'interfaceNameUsed'],
    [{ aliases: ['a b'] }, 'aliasInvalid'],
    [{ portMappings: [{ hostPort: 0, containerPort: 1, protocol: 'tcp', hostIp: undefined }] }, 'portMappingInvalid'],
  ];
  const third = makeNetns(t);
  for (const [options, code] of refused) {
    await t.rejects(attaching.connect('fixed', third.name, { ...connectAnyhow, ...options }), { code }, code);
  }
  for (const [name, code] of [
    ['', 'containerNameEmpty'],
    ['nope', 'containerNotFound'],
    ['/etc/passwd', 'netnsUnusable'],
    ['/run/netns/../../etc/passwd', 'netnsUnusable'],
    ['/proc/self/ns/net', 'netnsUnusable'],
    [`/proc/${process.pid}/ns/net`, 'netnsReserved'],
    ['/run/netns/nope', 'containerNotFound'],
  ] as const) {
    await t.rejects(attaching.connect('fixed', name, connectAnyhow), { code }, `${name} ${code}`);
  }
  await t.rejects(attaching.connect('nope', third.name, connectAnyhow), { code: 'networkNotFound' });
  await attaching.disconnect('fixed', box.name, false);
  await attaching.disconnect('fixed', other.name, false);
  await checkNothingLeft(t, host, cacheDir, ['fixed']);
});

t.test('the attachments of a vanished namespace are collected, and no others', { skip }, async (t) => {
  const { networks, attaching, host, cacheDir, runtime } = await makeWorld(t);
  await networks.create(request('left'));
  const living = makeNetns(t);
  await attaching.connect('left', living.name, connectAnyhow);
  const dead = makeNetns(t, false);
  const gone = await attaching.connect('left', dead.name, connectAnyhow);
  t.strictSame(await attaching.collect('left'), [], 'both live');
  removeNetns(dead);
  const collected = await attaching.collect('left');
  t.match(collected, [{ attachment: { containerId: gone.containerId }, error: undefined }]);
  t.match((await runtime.known()).all(), [{ containerName: living.name }]);
  const { stdout } = await host.run('ls', ['/var/lib/cni/networks/left']);
  t.notMatch(stdout, addressOf(gone), 'the lease is free');
  t.strictSame(await attaching.collect('left'), []);

  const again = makeNetns(t, false);
  await attaching.connect('left', again.name, connectAnyhow);
  removeNetns(again);
  await t.rejects(attaching.connect('left', again.path, connectAnyhow), { code: 'containerGone' });
  await attaching.disconnect('left', again.name, true);
  await living.ip('link', 'delete', 'eth0');
  await attaching.disconnect('left', living.name, false);
  await checkNothingLeft(t, host, cacheDir, ['left']);
});

function duplicates(lines: readonly string[]): readonly string[] {
  return lines.filter((line, index) => lines.indexOf(line) !== index);
}

async function lookUp(from: Netns, server: string, name: string): Promise<string> {
  const script = `const resolver = new (require('dns').Resolver)(); resolver.setServers(['${server}']);
    resolver.resolve4('${name}', (error, found) => console.log(String(error ?? found)))`;
  return (await from.run(process.execPath, ['-e', script])).stdout.trim();
}
