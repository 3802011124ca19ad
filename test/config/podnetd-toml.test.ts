import t, { type Test } from 'tap';
import { parseCall } from '../../src/commands/parse.js';
import { readFlags } from '../../src/config/flags.js';
import { loadConfig } from '../../src/config/load.js';
import { formatCidr } from '../../src/ip/cidr.js';
import { defaultSubnetPools } from '../../src/ip/pools.js';
import { rootsIn } from '../support/config-roots.js';
import { root, user } from '../support/identities.js';

function load(folder: string, identity = root, ...args: readonly string[]) {
  const { addresses } = loadConfig(readFlags(parseCall(args).options), {}, identity, rootsIn(folder));
  return {
    ...addresses,
    reserved: addresses.reserved.map(({ prefix, reason }) => `${formatCidr(prefix)} ${reason}`),
    subnetPools: addresses.subnetPools.map(({ base, prefixBits }) => `${formatCidr(base)} in ${prefixBits}`),
  };
}

const defaults = defaultSubnetPools.map(({ base, prefixBits }) => `${formatCidr(base)} in ${prefixBits}`);

t.test('without a file', async (t) => {
  t.strictSame(load(t.testdir({})), {
    reserved: [],
    subnetPools: defaults,
    avoidRoutes: true,
    avoidDnsServers: true,
  });
});

t.test('every key', async (t) => {
  const folder = t.testdir({
    'admin.toml': `[addresses]
reserved = [{ subnet = "10.0.0.0/8", reason = "office VPN" }, { subnet = "fd00:9::/32", reason = "lab" }]
subnet_pools = [{ base = "172.20.0.0/14", size = 24 }, { base = "fd12:3456:789a::/48", size = 64 }]
avoid_routes = false
avoid_dns_servers = false
`,
  });
  t.strictSame(load(folder), {
    reserved: ['10.0.0.0/8 office VPN', 'fd00:9::/32 lab'],
    subnetPools: ['172.20.0.0/14 in 24', 'fd12:3456:789a::/48 in 64'],
    avoidRoutes: false,
    avoidDnsServers: false,
  });
});

t.test('drop-ins win key by key, in the order of their names, and their reserved prefixes add up', async (t) => {
  const reserve = (subnet: string) => `[addresses]\nreserved = [{ subnet = "${subnet}", reason = "r" }]\n`;
  const folder = t.testdir({
    'admin.toml': `${reserve('10.1.0.0/16')}avoid_routes = false\navoid_dns_servers = false\n`,
    'admin.toml.d': {
      '20.toml': `${reserve('10.3.0.0/16')}avoid_routes = true\n`,
      '10.toml': reserve('10.2.0.0/16'),
      'x.conf': 'no TOML',
    },
    'user.toml': reserve('10.4.0.0/16'),
    'user.toml.d': { '1.toml': reserve('10.5.0.0/16') },
  });
  const ofRoot = ['10.1.0.0/16 r', '10.2.0.0/16 r', '10.3.0.0/16 r'];
  t.match(load(folder), { reserved: ofRoot, avoidRoutes: true, avoidDnsServers: false });
  t.strictSame(load(folder, user).reserved, [...ofRoot, '10.4.0.0/16 r', '10.5.0.0/16 r']);
});

t.test('--config takes the place of all files', async (t) => {
  const folder = t.testdir({
    'admin.toml': '[addresses]\navoid_routes = false\n',
    'other.toml': '[addresses]\navoid_dns_servers = false\n',
  });
  t.match(load(folder, root, '--config', `${folder}/other.toml`), { avoidRoutes: true, avoidDnsServers: false });
  t.throws(() => load(folder, root, '--config', `${folder}/none.toml`), {
    message: `--config ${folder}/none.toml: no such file; name one that is there, or leave --config out`,
  });
});

t.test('pools of containers.conf count where podnetd.toml has none of IPv4', async (t) => {
  const conf = '[network]\ndefault_subnet_pools = [{ base = "10.2.0.0/16", size = 26 }]\n';
  const pools = (toml: string) => load(t.testdir({ 'admin.conf': conf, 'admin.toml': toml })).subnetPools;
  t.strictSame(pools(''), ['10.2.0.0/16 in 26']);
  t.strictSame(pools('[addresses]\nsubnet_pools = [{ base = "fd00:1::/48", size = 64 }]\n'), [
    'fd00:1::/48 in 64',
    '10.2.0.0/16 in 26',
  ]);
  t.strictSame(pools('[addresses]\nsubnet_pools = [{ base = "10.3.0.0/16", size = 24 }]\n'), ['10.3.0.0/16 in 24']);
});

t.test('the base "ula" is the same for a machine, and another for another', async (t) => {
  const toml = '[addresses]\nsubnet_pools = [{ base = "ula", size = 64 }]\n';
  const baseOf = (id: string) =>
    load(t.testdir({ 'admin.toml': toml, 'machine-id': `${id}\n` })).subnetPools[0] ?? 'none';
  const [one, other] = ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210'];
  t.match(baseOf(one), /^fd[0-9a-f]{2}:[0-9a-f:]+::\/48 in 64$/);
  t.equal(baseOf(one), baseOf(one));
  t.not(baseOf(one), baseOf(other));
});

/** Bad files: the message names file, line, key, value and rule. */
function refuses(t: Test, toml: string, problem: string, more: Readonly<Record<string, string>> = {}): void {
  const folder = t.testdir({ 'admin.toml': toml, ...more });
  t.throws(() => load(folder), { name: 'ConfigError', message: `${folder}/admin.toml:${problem}` }, problem);
}

t.test('faults', async (t) => {
  const table = (lines: string) => `[addresses]\n${lines}\n`;
  const reserve = (subnet: string) => `{ subnet = "${subnet}", reason = "VPN" }`;
  const cases: readonly (readonly [string, string])[] = [
    ['[addresses', '1: incomplete key-value: cannot find end of key'],
    ['[adresses]\n', '1: adresses: no such key; there is addresses, fleet, sockets, audit'],
    ['avoid_routes = true\n', '1: avoid_routes: no such key outside of a table; write it below [addresses]'],
    ['role = "read"\n', '1: role: no such key outside of a table; write it below [[sockets]]'],
    [
      table('reservd = []'),
      '2: addresses.reservd: no such key; there is reserved, subnet_pools, avoid_routes, avoid_dns_servers',
    ],
    [table('avoid_routes = "no"'), '2: addresses.avoid_routes: "no" is not true or false'],
    [
      table('reserved = [{ subnet = "10.0.0.0/8" }]'),
      '2: addresses.reserved[0].reason: is missing; it must be a string of at least one character',
    ],
    [
      table('reserved = [{ subnet = "10.0.0.0/8", reason = "x", why = 1 }]'),
      '2: addresses.reserved[0].why: no such key; there is subnet, reason',
    ],
    [table(`reserved = [${reserve('10.0.0.0')}]`), '2: addresses.reserved[0].subnet: "10.0.0.0" is not a CIDR'],
    [
      table(`reserved = [${reserve('10.0.0.1/8')}]`),
      '2: addresses.reserved[0].subnet: "10.0.0.1/8" has host bits set; the prefix is 10.0.0.0/8',
    ],
    [
      table(`reserved = [\n  ${reserve('192.168.0.0/16')},\n  ${reserve('192.168.7.0/24')},\n]`),
      '2: addresses.reserved[1].subnet: 192.168.7.0/24 (VPN) overlaps the reserved prefix 192.168.0.0/16 (VPN); one entry for both is enough',
    ],
    [
      table(`reserved = [${reserve('172.16.0.0/12')}]\nsubnet_pools = [{ base = "172.20.0.0/14", size = 24 }]`),
      '3: addresses.subnet_pools[0].base: the reserved prefix 172.16.0.0/12 (VPN) covers the pool 172.20.0.0/14 whole, so it would give no subnet; take one of them away',
    ],
    [
      table(`reserved = [${reserve('10.0.0.0/8')}]`),
      '2: addresses.reserved[0].subnet: 10.0.0.0/8 (VPN) leaves no IPv4 pool that could give a subnet; add to [addresses]: subnet_pools = [{ base = "172.20.0.0/14", size = 24 }]',
    ],
    [
      table(`reserved = [${reserve('10.0.0.0/8')}, ${reserve('172.20.0.0/16')}]`),
      '2: addresses.reserved[0].subnet: 10.0.0.0/8 (VPN) leaves no IPv4 pool that could give a subnet; add to [addresses]: subnet_pools = [{ base = "172.24.0.0/13", size = 24 }]',
    ],
    [
      table(`reserved = [${reserve('10.0.0.0/8')}, ${reserve('172.16.0.0/12')}, ${reserve('192.168.0.0/16')}]`),
      '2: addresses.reserved[0].subnet: 10.0.0.0/8 (VPN) leaves no IPv4 pool that could give a subnet; name another in subnet_pools of [addresses]',
    ],
    [
      table(`reserved = [${reserve('10.0.0.0/8')}]\nsubnet_pools = [{ base = "fd00:1::/48", size = 64 }]`),
      '2: addresses.reserved[0].subnet: 10.0.0.0/8 (VPN) leaves no IPv4 pool that could give a subnet; add to subnet_pools of [addresses]: { base = "172.20.0.0/14", size = 24 }',
    ],
    [
      table('subnet_pools = [{ base = "10.0.0.0/16", size = 12 }]'),
      '2: addresses.subnet_pools[0].size: 12 is less than the prefix length of its base "10.0.0.0/16"',
    ],
    [
      table('subnet_pools = [{ base = "10.0.0.0/16", size = 33 }]'),
      '2: addresses.subnet_pools[0].size: 33 is more than the 32 bits of an IPv4 address',
    ],
    [
      table('subnet_pools = [{ base = "fd00::/48", size = 129 }]'),
      '2: addresses.subnet_pools[0].size: 129 is not an integer from 1 to 128',
    ],
    [
      table('subnet_pools = [{ base = "10.0.0.9/16", size = 24 }]'),
      '2: addresses.subnet_pools[0].base: "10.0.0.9/16" has host bits set; the prefix is 10.0.0.0/16',
    ],
  ];
  for (const [toml, problem] of cases) refuses(t, toml, problem);
  const ula = table('subnet_pools = [{ base = "ula", size = 64 }]');
  const folder = t.testdir({ 'admin.toml': ula });
  t.throws(() => load(folder), {
    message: `${folder}/admin.toml:2: addresses.subnet_pools[0].base: "ula" stands for a prefix of this machine, and there is no ${folder}/machine-id; write a prefix of fd00::/8`,
  });
  refuses(
    t,
    ula,
    `2: addresses.subnet_pools[0].base: "ula" stands for a prefix of this machine, and ${t.testdirName}/machine-id has no id of 32 hexadecimal digits; write a prefix of fd00::/8`,
    { 'machine-id': 'uninitialized\n' },
  );
});
