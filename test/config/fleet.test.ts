import t, { type Test } from 'tap';
import { printSettings } from '../../src/commands/config.js';
import { parseCall } from '../../src/commands/parse.js';
import { readFlags } from '../../src/config/flags.js';
import { buildConfig, readFiles } from '../../src/config/load.js';
import { compareSettings, describeSettings } from '../../src/config/settings.js';
import { formatCidr } from '../../src/ip/cidr.js';
import { rootsIn } from '../support/config-roots.js';
import { root, user } from '../support/identities.js';

const machineId = '0123456789abcdef0123456789abcdef';
const pools =
  'pools = [{ base = "10.64.0.0/10", block = 20, size = 24 }, { base = "fd12::/40", block = 56, size = 64 }]\n';
const elsewhere = '[network]\ndefault_subnet = "10.200.0.0/16"\n';

function load(folder: string, identity = root) {
  return buildConfig(
    readFlags(parseCall([]).options),
    readFiles(readFlags(parseCall([]).options), {}, identity, rootsIn(folder)),
    identity,
  );
}

function loadFleet(t: Test, fleet: string, more: Readonly<Record<string, string>> = {}, identity = root) {
  const files = { 'machine-id': `${machineId}\n`, 'admin.conf': elsewhere, 'admin.toml': `[fleet]\n${fleet}`, ...more };
  return load(t.testdir(files), identity);
}

t.test('a host with a number', async (t) => {
  const { fleet, addresses, warnings } = loadFleet(t, `${pools}host_index = 7\n`);
  t.match(fleet, { kind: 'index', hostIndex: 7 });
  t.strictSame(
    fleet?.pools.map(({ base, blockBits, prefixBits }) => [formatCidr(base), blockBits, prefixBits]),
    [
      ['10.64.0.0/10', 20, 24],
      ['fd12::/40', 56, 64],
    ],
  );
  t.strictSame(warnings, []);
  t.ok(addresses.subnetPools.length > 0, 'they stand by for a restart without a fleet');
});

t.test('a host with a store', async (t) => {
  const usual = loadFleet(t, `${pools}endpoints = ["https://a:2379", "https://[fd00::1]:2379/"]\n`).fleet;
  t.match(usual, {
    kind: 'store',
    stateFile: '/var/lib/podnetd/fleet.json',
    host: /^[0-9a-f]{32}$/,
    store: { endpoints: ['https://a:2379', 'https://[fd00::1]:2379'], prefix: '/podnetd' },
  });
  t.notMatch(
    JSON.stringify(usual, (_, value: unknown) => (typeof value === 'bigint' ? '' : value)),
    machineId,
  );
  const full = loadFleet(
    t,
    `${pools}endpoints = ["https://a"]\nca = "/ca"\ncert = "/cert"\nkey = "/key"\nuser = "u"\npassword_file = "/p"\nprefix = "/x/y"\nhost = "web-1.x"\nstate_file = "/s"\n`,
  );
  t.match(full.fleet, {
    host: 'web-1.x',
    stateFile: '/s',
    store: { ca: '/ca', cert: '/cert', key: '/key', user: 'u', passwordFile: '/p', prefix: '/x/y' },
  });
  t.strictSame(full.warnings, []);
});

t.test('a user has a fleet by a file of its own, and another host id than root', async (t) => {
  const store = `${pools}endpoints = ["http://localhost:2379"]\n`;
  const ofRoot = loadFleet(t, store).fleet;
  t.equal(loadFleet(t, store, {}, user).fleet, undefined, "the administrator's blocks are those of root's podnetd");
  const ofUser = loadFleet(t, 'host_index = 7\n', { 'user.toml': `[fleet]\n${store}` }, user).fleet;
  t.match(ofUser, { kind: 'store', stateFile: '/s/podnetd/fleet.json' });
  t.not(ofUser?.kind === 'store' && ofUser.host, ofRoot?.kind === 'store' && ofRoot.host);
});

t.test('a later file wins key by key', async (t) => {
  const folder = t.testdir({
    'admin.conf': elsewhere,
    'admin.toml': `[fleet]\n${pools}host_index = 1\n`,
    'admin.toml.d': { 'host.toml': '[fleet]\nhost_index = 2\n' },
  });
  t.match(load(folder).fleet, { hostIndex: 2, pools: [{}, {}] });
});

t.test('without a fleet', async (t) => {
  t.equal(loadFleet(t, '').fleet, undefined);
  t.equal(load(t.testdir({})).fleet, undefined);
});

t.test('faults', async (t) => {
  const pool = (base: string, block: number, size: number) => `{ base = "${base}", block = ${block}, size = ${size} }`;
  const index = 'host_index = 7\n';
  const one = (text: string) => `pools = [${text}]\n${index}`;
  const etcd = `${pools}endpoints = ["https://e"]\n`;
  const at = (urls: string) => `${pools}endpoints = [${urls}]\n`;
  const cases: readonly (readonly [fleet: string, message: string, more?: Readonly<Record<string, string>>])[] = [
    ['pool = 1\n', '2: fleet.pool: no such key; there is pools, host_index, endpoints'],
    ['pools = []\n', '2: fleet.pools: an empty list is not a list of 1 to 16 tables'],
    [`${pools}host_index = -1\n`, '3: fleet.host_index: -1 is not an integer from 0'],
    [
      one(pool('10.64.0.1/10', 20, 24)),
      '2: fleet.pools[0].base: "10.64.0.1/10" has host bits set; the prefix is 10.64.0.0/10',
    ],
    [one(pool('ula', 56, 64)), '2: fleet.pools[0].base: "ula" is not a CIDR'],
    [
      one(pool('10.64.0.0/10', 9, 24)),
      '2: fleet.pools[0].block: 9 is less than the prefix length of its base "10.64.0.0/10"',
    ],
    [one(pool('10.64.0.0/10', 24, 20)), "2: fleet.pools[0].size: 20 is less than the block's 24"],
    [
      one(pool('10.64.0.0/10', 20, 31)),
      '2: fleet.pools[0].size: 31 is more than 30: host-local leases no address of smaller IPv4 subnets',
    ],
    [
      one(pool('fd00::/16', 57, 64)),
      '2: fleet.pools[0].block: 57 cuts the base "fd00::/16" into more than 2^40 blocks; write 56 or less',
    ],
    [
      one(`${pool('10.64.0.0/10', 20, 24)}, ${pool('10.64.0.0/16', 20, 24)}`),
      '2: fleet.pools[1].base: 10.64.0.0/16 overlaps the pool 10.64.0.0/10; take one of them away',
    ],
    [index, '2: fleet.host_index: there is no pool to share; add to [fleet]: pools = ['],
    [pools, "2: fleet.pools: nothing says which blocks are this host's; add host_index or endpoints to [fleet]"],
    [`${etcd}${index}`, '4: fleet.host_index: endpoints (…:3: fleet.endpoints) stands beside it'],
    [`${pools}${index}user = "u"\n`, '4: fleet.user: it counts with endpoints alone'],
    [`${pools}${index}state_file = "/s"\n`, '4: fleet.state_file: it counts with endpoints alone'],
    [
      `${pools}host_index = 1024\n`,
      '3: fleet.host_index: 1024 is beyond the 1024 blocks of the pool 10.64.0.0/10: the last is 1023',
    ],
    [
      `${pools}${index}`,
      "2: fleet.pools[0].base: the fleet's pool 10.64.0.0/10 stands beside the pool 10.1.0.0/16 (…/admin.toml:5: addresses.subnet_pools[0].base)",
      { after: '[addresses]\nsubnet_pools = [{ base = "10.1.0.0/16", size = 24 }]\n' },
    ],
    [
      `${pools}${index}`,
      '2: fleet.pools[0].base: the reserved prefix 10.0.0.0/8 (VPN) covers the pool 10.64.0.0/10 whole',
      { after: '[addresses]\nreserved = [{ subnet = "10.0.0.0/8", reason = "VPN" }]\n' },
    ],
    [
      `${pools}${index}`,
      '3: fleet.host_index: the reserved prefix 10.64.0.0/16 (VPN) covers the block 10.64.112.0/20 of this number whole',
      { after: '[addresses]\nreserved = [{ subnet = "10.64.0.0/16", reason = "VPN" }]\n' },
    ],
    [
      `${pools}host_index = 384\n`,
      '3: fleet.host_index: 10.88.0.0/16 of the network podman covers the block 10.88.0.0/20 of this number whole',
      { 'admin.conf': '' },
    ],
    [at('"e:2379"'), '3: fleet.endpoints[0]: "e:2379" is not a URL of https or http, as "https://etcd1:2379"'],
    [at('"https://e", "ftp://e"'), '3: fleet.endpoints[1]: "ftp://e" is not a URL of https or http'],
    [at('"https://e/v3"'), '3: fleet.endpoints[0]: "https://e/v3" has more than a host and a port; write "https://e"'],
    [at('"https://e", "https://e:443/"'), '3: fleet.endpoints[1]: "https://e" stands in the list twice'],
    [`${etcd}cert = "/c"\n`, '4: fleet.cert: it needs key; add it, or take cert away'],
    [`${etcd}key = "/k"\n`, '4: fleet.key: it needs cert; add it, or take key away'],
    [`${etcd}user = "u"\n`, '4: fleet.user: it needs password_file; add it, or take user away'],
    [`${etcd}password_file = "/p"\n`, '4: fleet.password_file: it needs user; add it, or take password_file away'],
    [`${at('"http://e"')}ca = "/ca"\n`, '4: fleet.ca: it counts for https alone, and no endpoint is https'],
    [`${etcd}ca = "ca"\n`, '4: fleet.ca: "ca" is not an absolute path'],
    [`${etcd}state_file = "s"\n`, '4: fleet.state_file: "s" is not an absolute path'],
    [`${etcd}host = "a/b"\n`, '4: fleet.host: "a/b" is not a name of at most 63'],
    [`${etcd}prefix = "/x/"\n`, '4: fleet.prefix: "/x/" is not a path such as "/podnetd"'],
    [
      etcd,
      '3: fleet.endpoints: the id of this host is unknown: …/machine-id has no id of 32 hexadecimal digits; add host to [fleet]',
      { 'machine-id': 'x' },
    ],
  ];
  for (const [fleet, message, { after = '', ...more } = {}] of cases) {
    const given = { 'admin.toml': `[fleet]\n${fleet}${after}`, ...more };
    const parts = message.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
    t.throws(
      () => loadFleet(t, '', given),
      {
        name: 'ConfigError',
        message: new RegExp(String.raw`^[^:]*/admin\.toml:${parts.join('.*')}`),
      },
      message,
    );
  }
});

t.test('no message and no setting has a password', async (t) => {
  const secret = 'hunter2';
  const url = `${pools}endpoints = ["https://u:${secret}@e"]\n`;
  try {
    loadFleet(t, url);
    t.fail('a URL with a password passed');
  } catch (error) {
    t.match(
      (error as Error).message,
      /fleet\.endpoints\[0\]: the URL has a user or a password; write them as user and password_file/,
    );
    t.notMatch((error as Error).message, secret);
  }
});

t.test('warnings', async (t) => {
  const store = (url: string) => `${pools}endpoints = ["${url}"]\nuser = "u"\npassword_file = "/p"\n`;
  // A name may begin as an address of loopback does.
  for (const url of ['http://e:2379', 'http://127.e.example:2379'])
    t.match(loadFleet(t, store(url)).warnings, [
      `the password of the etcd user u goes to ${url} without encryption; write https into endpoints of [fleet]`,
    ]);
  for (const url of ['http://127.0.0.1:2379', 'http://[::1]:2379', 'http://localhost:2379', 'https://e'])
    t.strictSame(loadFleet(t, store(url)).warnings, [], url);
  t.match(loadFleet(t, `${pools}host_index = 7\n`, { 'admin.conf': '' }).warnings, [
    /admin\.toml:2: fleet\.pools\[0\]\.base: the network podman has 10\.88\.0\.0\/16, a part of the fleet's pool 10\.64\.0\.0\/10/,
  ]);
});

t.test('podnetd config shows it, with where it comes from', async (t) => {
  const files = { 'machine-id': machineId, 'admin.conf': elsewhere, 'admin.toml': `[fleet]\n${pools}host_index = 7\n` };
  const folder = t.testdir(files);
  const { options: given } = parseCall(['config']);
  const read = readFiles(readFlags(given), {}, root, rootsIn(folder));
  const lines = printSettings(
    describeSettings(buildConfig(readFlags(given), read, root), { given, files: read, env: {} }),
  ).split('\n');
  for (const line of [
    `fleet-pools = [{ base = "10.64.0.0/10", block = 20, size = 24 }, { base = "fd12::/40", block = 56, size = 64 }]  # file ${folder}/admin.toml:2: fleet.pools`,
    `fleet-host-index = 7  # file ${folder}/admin.toml:3: fleet.host_index`,
    '# fleet-endpoints is not set  # default',
    'subnet-pools = []  # default',
  ])
    t.ok(lines.includes(line), line);
});

t.test(
  'a reload changes the number and its pools; a store, and the way to and from one, wait for a restart',
  async (t) => {
    const index = loadFleet(t, `${pools}host_index = 7\n`);
    const other = loadFleet(t, 'pools = [{ base = "10.32.0.0/16", block = 20, size = 26 }]\nhost_index = 8\n');
    const store = loadFleet(t, `${pools}endpoints = ["https://e"]\nhost = "h"\n`);
    const alone = loadFleet(t, '');
    t.strictSame(compareSettings(index, other), { live: ['fleet-pools', 'fleet-host-index'], atStart: [] });
    t.strictSame(compareSettings(index, store), {
      live: [],
      atStart: ['fleet-host-index', 'fleet-endpoints', 'fleet-prefix', 'fleet-host', 'fleet-state-file'],
    });
    t.strictSame(compareSettings(alone, index), {
      live: [],
      atStart: ['subnet-pools', 'fleet-pools', 'fleet-host-index'],
    });
    t.strictSame(compareSettings(index, alone).live, []);
  },
);
