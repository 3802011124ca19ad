import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { cacheFileName } from '../../../src/cni/attachments/entry-faults.js';
import { decodeCacheEntry, encodeCacheEntry, toAttachment } from '../../../src/cni/attachments/cache-entry.js';
import { address } from '../../support/addresses.js';
import { cacheEntry } from '../../support/cache-entry.js';

/** Files that Podman 4.3.1 (libcni 1.1.2) wrote with plugins 1.1.1, under Podman's names. */
const fixtures = path.resolve(import.meta.dirname, '../../fixtures/result-cache');
const read = (fileName: string) => readFileSync(path.join(fixtures, fileName), 'utf8');
const decode = (fileName: string) => decodeCacheEntry(read(fileName), fileName);

t.test('files of Podman come back byte for byte, under the same name', async (t) => {
  const fileNames = readdirSync(fixtures);
  t.ok(fileNames.length >= 2);
  for (const fileName of fileNames) {
    const entry = decode(fileName);
    t.equal(encodeCacheEntry(entry), read(fileName), fileName);
    t.equal(cacheFileName(entry), fileName);
    t.match(JSON.parse(entry.config), { name: entry.networkName, plugins: [{ type: 'bridge' }] });
  }
});

t.test('an attachment to a bridge', async (t) => {
  const id = '4d3fee7ed67a9a15c3e83a04b96a4b7ae06d7161a9586436fa94eee73dc56eed';
  t.same(toAttachment(decode(`my-net-${id}-eth0`)), {
    networkName: 'my-net',
    containerId: id,
    containerName: 'my-web',
    ifName: 'eth0',
    netns: '/run/netns/netns-ba89c738-e3ee-0767-f96d-2bbd2c94d3b6',
    macAddress: 'ea:42:77:e8:58:5f',
    addresses: [{ address: address('10.222.0.2'), prefixBits: 24, gateway: address('10.222.0.1') }],
    aliases: ['db', 'db-1', '4d3fee7ed67a'],
    portMappings: [],
  });
});

t.test('an attachment with both families, a requested MAC and addresses, ports and foreign arguments', async (t) => {
  const id = '199e52da774ff4433da6fb58ce209a3d5b597df648bc17879480bc9ac6749312';
  t.same(toAttachment(decode(`dual-stack-${id}-lan-0`)), {
    networkName: 'dual-stack',
    containerId: id,
    containerName: 'db_1',
    ifName: 'lan-0',
    netns: '/run/netns/netns-47488adb-aae3-5a8b-096d-0e449dc424c8',
    macAddress: '02:42:ac:11:00:02',
    addresses: [
      { address: address('10.223.0.9'), prefixBits: 24, gateway: address('10.223.0.1') },
      { address: address('fd00:223::9'), prefixBits: 64, gateway: address('fd00:223::1') },
    ],
    aliases: ['199e52da774f'],
    portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIp: undefined }],
  });
});

t.test('name servers are those of the result', async (t) => {
  const resolverOf = (dns: unknown) => toAttachment({ ...cacheEntry('net', 'c1'), result: { dns } }).resolver;
  const [ipv4, ipv6] = [address('192.0.2.53'), address('2001:db8::53')];
  t.strictSame(resolverOf({ nameservers: ['192.0.2.53', '2001:db8::53'], search: ['dns.podman', 7] }), {
    servers: [ipv4, ipv6],
    searchDomains: ['dns.podman'],
  });
  t.strictSame(resolverOf({ nameservers: ['junk', 7, '2001:db8::53'] }), { servers: [ipv6], searchDomains: [] });
  for (const dns of [undefined, {}, 'x', { nameservers: [] }, { nameservers: 'x', search: ['a'] }]) {
    t.equal(resolverOf(dns), undefined, JSON.stringify(dns));
  }
});

t.test('members are in order, and empty ones are left out', async (t) => {
  const entry = {
    ...cacheEntry('net', 'c1', { netns: '/run/netns/a' }),
    config: '{}',
    cniArgs: [['A', '1']] as const,
    capabilityArgs: { ips: ['10.1.0.2/24'], aliases: {} },
    result: { ips: [], cniVersion: '1.0.0' },
  };
  t.equal(
    encodeCacheEntry(entry),
    '{"kind":"cniCacheV1","containerId":"c1","config":"e30=","ifName":"eth0","networkName":"net","netns":"/run/netns/a",' +
      '"cniArgs":[["A","1"]],"capabilityArgs":{"aliases":{},"ips":["10.1.0.2/24"]},"result":{"cniVersion":"1.0.0","ips":[]}}',
  );
  t.equal(
    encodeCacheEntry({ ...entry, netns: undefined, cniArgs: [], capabilityArgs: {}, result: {} }),
    '{"kind":"cniCacheV1","containerId":"c1","config":"e30=","ifName":"eth0","networkName":"net"}',
  );
});

t.test('a mark comes last, where libcni ignores it', async (t) => {
  const entry = { ...cacheEntry('net', 'c1', { netns: '/run/netns/a', mark: 'boot 4:4026532008' }), cniArgs: [] };
  const text = encodeCacheEntry(entry);
  t.match(text, /},"podnetdNamespace":"boot 4:4026532008"}$/);
  const decoded = decodeCacheEntry(text, cacheFileName(entry));
  t.equal(decoded.mark, entry.mark);
  t.equal(toAttachment(decoded).mark, entry.mark);
});

t.test('the namespace is that of the entry, or of the interface', async (t) => {
  const netnsOf = (entry: ReturnType<typeof cacheEntry>) => toAttachment(entry).netns;
  t.equal(netnsOf(cacheEntry('net', 'c1', { netns: '/run/netns/a' })), '/run/netns/a');
  t.equal(netnsOf(cacheEntry('net', 'c1')), '/proc/self/ns/net');
  t.equal(netnsOf(cacheEntry('net', 'c1', { result: {} })), undefined);
  t.equal(
    netnsOf(cacheEntry('net', 'c1', { result: { interfaces: [{ name: 'eth1', sandbox: '/run/netns/b' }] } })),
    undefined,
  );
});

t.test('addresses are those of the interface inside', async (t) => {
  const addressesOf = (result: Readonly<Record<string, unknown>>) =>
    toAttachment(cacheEntry('net', 'c1', { result })).addresses;
  const first = { address: address('10.1.0.2'), prefixBits: 24, gateway: undefined };
  const interfaces = [{ name: 'eth0' }, { name: 'eth0', sandbox: '/run/netns/a' }, { name: 'eth1', sandbox: '/x' }];
  const ips = [
    { address: '10.9.0.2/24', interface: 0 },
    { address: '10.1.0.2/24', interface: 1 },
    { address: '10.8.0.2/24', interface: 2 },
    { address: 'none', interface: 1 },
    'none',
  ];
  t.same(addressesOf({ interfaces, ips }), [first], 'the host has an interface of the same name');
  t.same(addressesOf({ interfaces, ips: [{ address: '10.1.0.2/24' }] }), [first], 'the interface may be left out');
  t.same(
    addressesOf({ ip4: { ip: '10.1.0.2/24' }, ip6: { ip: 'fd00::2/64', gateway: 'fd00::1' } }),
    [first, { address: address('fd00::2'), prefixBits: 64, gateway: address('fd00::1') }],
    'version 0.2',
  );
  t.same(addressesOf({ interfaces: 5, ips: {} }), []);
});

t.test('missing and odd names and aliases count as none', async (t) => {
  t.match(toAttachment(cacheEntry('net', 'c1')), { containerName: undefined, aliases: [] });
  t.match(toAttachment(cacheEntry('net', 'c1', { cniArgs: [['K8S_POD_NAME', '']] })), { containerName: undefined });
  for (const aliases of [{ other: ['x'] }, { net: 'x' }, ['x'], null]) {
    t.same(toAttachment(cacheEntry('net', 'c1', { capabilityArgs: { aliases } })).aliases, []);
  }
  const capabilityArgs = { aliases: { net: ['x', 5] } };
  t.same(toAttachment(cacheEntry('net', 'c1', { capabilityArgs })).aliases, ['x']);
  t.same(toAttachment(cacheEntry('__proto__', 'c1', { capabilityArgs: { aliases: {} } })).aliases, []);
});

t.test('ports are not mapped by a chain without a plugin for them', async (t) => {
  const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: 'TCP', hostIP: '10.1.0.1' }];
  const read = (config: string, passed: unknown) =>
    toAttachment(cacheEntry('net', 'c1', { config, capabilityArgs: { portMappings: passed } })).portMappings;
  const mapping = JSON.stringify({
    plugins: [{ type: 'bridge' }, { type: 'x', capabilities: { portMappings: true } }],
  });
  t.same(read(mapping, portMappings), [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIp: '10.1.0.1' }]);
  t.same(read(JSON.stringify({ plugins: [{ type: 'bridge' }] }), portMappings), []);
  t.same(read('no JSON', portMappings), []);
  t.same(read(mapping, [{ ...portMappings[0], hostPort: 'x' }, { ...portMappings[0], protocol: 'icmp' }, 5]), []);
  t.same(read(mapping, 'x'), []);
});

t.test('invalid entries are refused', async (t) => {
  const whole = encodeCacheEntry(cacheEntry('net', 'c1'));
  const refused: readonly (readonly [text: string, reason: RegExp])[] = [
    ['', /JSON/],
    [whole.slice(0, 80), /JSON/],
    ['[]', /not a JSON object/],
    ['{"cniVersion":"0.4.0","ips":[]}', /a bare result/],
    [whole.replace('cniCacheV1', 'cniCacheV2'), /the kind is "cniCacheV2", not "cniCacheV1"/],
    [whole.replace('"eth0","networkName"', '"","networkName"'), /no ifName/],
    [whole.replace('"networkName":"net"', '"networkName":5'), /no networkName/],
    [whole.replace('"containerId":"c1",', ''), /no containerId/],
    [whole.replace('"net"', '"db"'), /it is of interface eth0 of container c1 on network db, whose file is db-c1-eth0/],
    [whole.replace('"eth0","net', '"eth1","net'), /whose file is net-c1-eth1: rename or remove it/],
    ...['x/../../../F', '..', 'eth0/', 'a\nb', 'a b', 'a:b', 'sixteen-letters-'].map(
      (ifName) => [encodeCacheEntry(cacheEntry('net', 'c1', { ifName })), /^interface name ".*" invalid: it /] as const,
    ),
    ...['../c1', '-c1', 'c 1', '.', 'c1\0'].map(
      (id) => [encodeCacheEntry(cacheEntry('net', id)), /^container id ".*" invalid: it has to match/] as const,
    ),
    ...['../net', 'a/b', ''].map(
      (name) => [encodeCacheEntry(cacheEntry(name, 'c1')), /^network name ".*" invalid|no networkName/] as const,
    ),
    ...['db', '../../../etc', 5].map(
      (name) =>
        [
          encodeCacheEntry(cacheEntry('net', 'c1', { config: JSON.stringify({ name, plugins: [] }) })),
          /^its configuration is of network .*, not of net/,
        ] as const,
    ),
  ];
  for (const [text, reason] of refused) {
    t.throws(() => decodeCacheEntry(text, 'net-c1-eth0'), { name: 'CacheEntryError', message: reason }, text);
  }
});
