import { symlinkSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { joinLists } from '../../src/config/attributed-list.js';
import { ConfigError } from '../../src/config/config-error.js';
import { defaultRoots, readContainersConf } from '../../src/config/containers-conf.js';
import type { Environment, Identity } from '../../src/config/identity.js';
import { formatCidr } from '../../src/ip/cidr.js';
import { root } from '../support/identities.js';

const user: Identity = { ...root, euid: 1000, rootless: true };

function rootsIn(folder: string) {
  return {
    vendor: path.join(folder, 'vendor.conf'),
    admin: path.join(folder, 'admin.conf'),
    user: path.join(folder, 'user.conf'),
  };
}

function read(folder: string, identity = root, env: Environment = {}) {
  return readContainersConf(env, identity, rootsIn(folder));
}

/** The message of the refusal, which has to be one printable line. */
function refusal(t: Test, act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    t.notMatch(error.message, /[\p{Cc}\u2028\u2029]/u, 'one line');
    return error.message;
  }
  t.fail('nothing was refused');
  return '';
}

const named = (name: string) => `[network]\ndefault_network = "${name}"\n`;
const dropIns = (name: string) => ({ '20.conf': named(name) });

t.test('search order: each later file wins', async (t) => {
  const steps: [string, Record<string, string | Record<string, string>>][] = [
    ['vendor', { 'vendor.conf': named('vendor') }],
    ['admin', { 'admin.conf': named('admin') }],
    ['admin-drop-in', { 'admin.conf.d': dropIns('admin-drop-in') }],
    ['user', { 'user.conf': named('user') }],
    ['user-drop-in', { 'user.conf.d': dropIns('user-drop-in') }],
  ];
  for (const count of steps.keys()) {
    const present = Object.assign({}, ...steps.slice(0, count + 1).map(([, files]) => files)) as Record<string, string>;
    t.test(String(steps[count]?.[0]), async (t) => {
      t.equal(read(t.testdir(present), user).defaultNetwork, steps[count]?.[0]);
    });
  }
});

t.test('root does not read the files of a user', async (t) => {
  const dir = t.testdir({ 'user.conf': named('user'), 'user.conf.d': dropIns('drop-in') });
  t.same(read(dir), { cniPluginDirs: [], slirpOptions: [], places: {} });
});

t.test('without files no setting is set', async (t) => {
  t.same(read(t.testdir({}), user), { cniPluginDirs: [], slirpOptions: [], places: {} });
  const file = t.testdir({ 'vendor.conf': named('a'), 'admin.conf.d': 'a file' });
  t.equal(read(file).defaultNetwork, 'a', 'a file where drop-ins belong is passed over');
});

t.test('drop-ins', async (t) => {
  const dir = t.testdir({
    'admin.conf.d': {
      '30.conf': named('thirty'),
      '9.conf': named('nine'),
      '10.conf': named('ten'),
      '99.conf.bak': named('backup'),
      'zz.conf': { 'inner.conf': named('inner') },
    },
  });
  t.equal(read(dir).defaultNetwork, 'nine', 'sorted as text; no other suffix, no folder, no folder below');
  symlinkSync('nowhere', path.join(dir, 'admin.conf.d/zzz.conf'));
  t.equal(read(dir).defaultNetwork, 'nine', 'a link to nothing is passed over');
});

t.test('files merge field by field, lists whole', async (t) => {
  const dir = t.testdir({
    'vendor.conf':
      '[network]\ndefault_network = "a"\ndefault_subnet = "10.1.0.0/16"\ncni_plugin_dirs = ["/a", "/b"]\n' +
      'default_subnet_pools = [{ base = "10.2.0.0/16", size = 24 }, { base = "10.3.0.0/16", size = 24 }]\n',
    'admin.conf':
      '[network]\ndefault_network = "b"\ncni_plugin_dirs = ["/c"]\n' +
      'default_subnet_pools = [{ base = "10.4.0.0/16", size = 25 }]\n',
  });
  const conf = read(dir);
  t.equal(conf.defaultNetwork, 'b');
  t.equal(conf.defaultSubnet && formatCidr(conf.defaultSubnet), '10.1.0.0/16');
  t.same(joinLists(conf.cniPluginDirs, ['/default']), ['/c']);
  t.same(
    conf.subnetPools?.map((pool) => [formatCidr(pool.base), pool.prefixBits]),
    [['10.4.0.0/16', 25]],
  );
});

t.test('an empty string takes back the value of earlier files', async (t) => {
  const dir = t.testdir({
    'vendor.conf': '[network]\nnetwork_config_dir = "/a"\ndefault_network = "a"\ndefault_subnet = "10.1.0.0/16"\n',
    'admin.conf': '[network]\nnetwork_config_dir = ""\ndefault_network = ""\ndefault_subnet = ""\n',
  });
  const conf = read(dir);
  t.same([conf.cniConfigDir, conf.defaultNetwork, conf.defaultSubnet], [undefined, undefined, undefined]);
});

t.test('CONTAINERS_CONF stands alone', async (t) => {
  const dir = t.testdir({ 'admin.conf': named('admin'), 'alone.conf': '[network]\ndefault_subnet = "fd00::/64"\n' });
  const alone = path.join(dir, 'alone.conf');
  const conf = read(dir, root, { CONTAINERS_CONF: alone });
  t.equal(conf.defaultNetwork, undefined);
  t.equal(conf.defaultSubnet && formatCidr(conf.defaultSubnet), 'fd00::/64');
  t.equal(read(dir, root, { CONTAINERS_CONF: '' }).defaultNetwork, 'admin', 'empty is unset');
});

t.test('CONTAINERS_CONF_OVERRIDE comes last', async (t) => {
  const dir = t.testdir({
    'user.conf.d': dropIns('user'),
    'alone.conf': named('alone'),
    'over.conf': named('over'),
  });
  const env = { CONTAINERS_CONF_OVERRIDE: path.join(dir, 'over.conf') };
  t.equal(read(dir, user, env).defaultNetwork, 'over');
  t.equal(read(dir, user, { ...env, CONTAINERS_CONF: path.join(dir, 'alone.conf') }).defaultNetwork, 'over');
});

t.test('a file that the environment names must be there', async (t) => {
  const dir = t.testdir({});
  for (const variable of ['CONTAINERS_CONF', 'CONTAINERS_CONF_OVERRIDE']) {
    t.equal(
      refusal(t, () => read(dir, root, { [variable]: '/no/such\nfile' })),
      `${variable}=/no/such\\u000afile: no such file; name one that is there, or unset ${variable}`,
    );
  }
});

t.test('default roots', async (t) => {
  t.same(defaultRoots(user), {
    vendor: '/usr/share/containers/containers.conf',
    admin: '/etc/containers/containers.conf',
    user: '/root/.config/containers/containers.conf',
  });
});

t.test('a file that cannot be read', async (t) => {
  const dir = t.testdir({ 'admin.conf': {} });
  const admin = path.join(dir, 'admin.conf');
  t.equal(
    refusal(t, () => read(dir)),
    `${admin}: EISDIR: illegal operation on a directory; put a file there that podnetd may read, or remove it`,
  );
});

t.test('text that is not UTF-8', async (t) => {
  const dir = t.testdir({ 'admin.conf': Buffer.from([0x23, 0xff, 0x0a]) });
  t.match(
    refusal(t, () => read(dir)),
    `${path.join(dir, 'admin.conf')}: `,
  );
});

t.test('foreign keys, tables and large integers are passed over', async (t) => {
  const text =
    '\uFEFF[containers]\nlog_size_max = 9223372036854775807\nd = 2020-01-01\n[network]\ndns_bind_port = 5\n' +
    'network_config_dir = "/srv/net.d/"\n[engine.runtimes]\n';
  t.match(read(t.testdir({ 'admin.conf': text })), { cniConfigDir: '/srv/net.d', cniPluginDirs: [], slirpOptions: [] });
});

const rule = 'it must match ^[a-zA-Z0-9][a-zA-Z0-9_.-]*$';
/** The text of the file, and the message behind its path. */
const refused: readonly [string, string][] = [
  ['network = 5', ':1: network: 5 is not a table'],
  ['[[network]]', ':1: network: a list of 1 is not a table'],
  ['[network]\nnetwork_config_dir = 5', ':2: network.network_config_dir: 5 is not a string'],
  ['[network]\nnetwork_config_dir = "a"', ':2: network.network_config_dir: "a" is not an absolute path'],
  ['[network]\nnetwork_config_dir = "~/a"', ':2: network.network_config_dir: "~/a" is not an absolute path'],
  ['[network]\ncni_plugin_dirs = "/a"', ':2: network.cni_plugin_dirs: "/a" is not a list of at least one folder'],
  [
    '[network]\ncni_plugin_dirs = []',
    ':2: network.cni_plugin_dirs: an empty list is not a list of at least one folder',
  ],
  ['[network]\ncni_plugin_dirs = ["/a", 1]', ':2: network.cni_plugin_dirs[1]: 1 is not a string or { append = true }'],
  [
    '[network]\ncni_plugin_dirs = [{ append = 1 }]',
    ':2: network.cni_plugin_dirs[0]: a table is not a string or { append = true }',
  ],
  [
    '[network]\ncni_plugin_dirs = [{ prepend = true }]',
    ':2: network.cni_plugin_dirs[0]: a table is not a string or { append = true }',
  ],
  ['[network]\ncni_plugin_dirs = ["/a", "b"]', ':2: network.cni_plugin_dirs[1]: "b" is not an absolute path'],
  ['[network]\ndefault_network = true', ':2: network.default_network: true is not a string'],
  ['[network]\ndefault_network = 2020-01-01', ':2: network.default_network: 2020-01-01 is not a string'],
  ['[network]\ndefault_network = "-a"', `:2: network.default_network: "-a" is not a network name: ${rule}`],
  ['[network]\ndefault_network = "a\\nb"', `:2: network.default_network: "a\\nb" is not a network name: ${rule}`],
  ['\n\n[network]\ndefault_subnet = "10.88.0.0"', ':4: network.default_subnet: "10.88.0.0" is not a CIDR'],
  ['network.default_subnet = "a\u2028/8"', ':1: network.default_subnet: "a\\u2028/8" is not a CIDR'],
  ['[network]\ndefault_subnet_pools = {}', ':2: network.default_subnet_pools: a table is not a list of tables'],
  ['[network]\ndefault_subnet_pools = [5]', ':2: network.default_subnet_pools[0]: 5 is not a table'],
  pool('size = 24', 2, 'base: is missing; it must be a string'),
  pool('base = "10.1.0.0/16"', 2, 'size: is missing; it must be an integer from 1 to 32'),
  pool('base = "10.1.0.0/16"\nsize = 0', 4, 'size: 0 is not an integer from 1 to 32'),
  pool('base = "10.1.0.0/16"\nsize = 33', 4, 'size: 33 is not an integer from 1 to 32'),
  pool('base = "10.1.0.0/16"\nsize = 24.5', 4, 'size: 24.5 is not an integer from 1 to 32'),
  pool('base = "10.1.0.0/16"\nsize = "24"', 4, 'size: "24" is not an integer from 1 to 32'),
  pool('base = "10.1.0.0/16"\nsize = 15', 4, 'size: 15 is less than the prefix length of its base "10.1.0.0/16"'),
  pool('base = "10.1.0.0"\nsize = 24', 3, 'base: "10.1.0.0" is not an IPv4 CIDR'),
  pool('base = "fd00::/16"\nsize = 24', 3, 'base: "fd00::/16" is not an IPv4 CIDR'),
  ['[network]\nx = 1\nx = 2', ':3: trying to redefine an already defined table or value'],
  ['a = 1\nb = ', ':2: invalid value'],
  ['a = """', ':1: unfinished string'],
];

function pool(text: string, line: number, rest: string): [string, string] {
  return [`\n[[network.default_subnet_pools]]\n${text}\n`, `:${line}: network.default_subnet_pools[0].${rest}`];
}

for (const [text, expected] of refused) {
  t.test(`refused${expected}`, async (t) => {
    const dir = t.testdir({ 'admin.conf': text });
    const message = refusal(t, () => read(dir));
    t.equal(message, path.join(dir, 'admin.conf') + expected);
  });
}

t.test('the bounds of a pool', async (t) => {
  const text =
    '[network]\ndefault_subnet_pools = [\n  { "base" = "10.1.2.3/32", "size" = 32 },\n' +
    '  { base = "0.0.0.0/0", size = 1 },\n  { base = "10.1.0.0/16", size = 16 },\n]\n';
  const conf = read(t.testdir({ 'admin.conf': text }));
  t.same(
    conf.subnetPools?.map((found) => [formatCidr(found.base), found.prefixBits]),
    [
      ['10.1.2.3/32', 32],
      ['0.0.0.0/0', 1],
      ['10.1.0.0/16', 16],
    ],
  );
});
