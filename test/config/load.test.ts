import t from 'tap';
import { parseCall } from '../../src/commands/parse.js';
import { readFlags } from '../../src/config/flags.js';
import { loadConfig } from '../../src/config/load.js';
import type { Identity } from '../../src/config/identity.js';
import { rootsIn } from '../support/config-roots.js';
import { formatCidr } from '../../src/ip/cidr.js';
import { defaultSubnetPools } from '../../src/ip/pools.js';
import { root } from '../support/identities.js';

const user: Identity = {
  euid: 1000,
  rootless: true,
  home: '/home/a',
  configHome: '/home/a/.config',
  stateHome: '/home/a/.local/state',
  runtimeDir: '/run/user/1000',
};

function load(folder: string, identity: Identity, ...args: string[]) {
  return loadConfig(readFlags(parseCall(args).options), {}, identity, rootsIn(folder));
}

const file = {
  'admin.conf':
    '[network]\nnetwork_config_dir = "/file/net.d"\ncni_plugin_dirs = ["/file/bin"]\ndefault_network = "net"\n' +
    'default_subnet = "10.1.2.3/16"\ndefault_subnet_pools = [{ base = "10.2.0.0/16", size = 26 }]\n',
};

t.test('defaults', async (t) => {
  t.same(load(t.testdir({}), root), {
    listen: [{ path: '/run/podnetd/podnetd.sock' }],
    socketMode: 0o660,
    idleTimeoutMs: 0,
    lockTimeoutMs: 30_000,
    logLevel: 'info',
    logFormat: 'auto',
    cniConfigDir: '/etc/cni/net.d',
    cniPluginDirs: ['/usr/local/libexec/cni', '/usr/libexec/cni', '/usr/local/lib/cni', '/usr/lib/cni', '/opt/cni/bin'],
    cniCacheDir: '/var/lib/cni',
    defaultNetwork: 'podman',
    slirp: { mtu: 65_520, allowHostLoopback: false },
    defaultSubnet: { family: 4, base: 0x0a580000n, prefixBits: 16 },
    addresses: { reserved: [], subnetPools: defaultSubnetPools, avoidRoutes: true, avoidDnsServers: true },
    metrics: { remote: false, perNetwork: false },
    identity: root,
    warnings: [],
  });
});

t.test('defaults of a user', async (t) => {
  const config = load(t.testdir({}), user);
  t.same(config.listen, [{ path: '/run/user/1000/podnetd/podnetd.sock' }]);
  t.equal(config.cniConfigDir, '/home/a/.config/cni/net.d');
  t.equal(config.cniCacheDir, '/run/user/1000/rootless-cni/var/lib/cni');
});

t.test('containers.conf wins over defaults', async (t) => {
  const config = load(t.testdir(file), root);
  t.equal(config.cniConfigDir, '/file/net.d');
  t.same(config.cniPluginDirs, ['/file/bin']);
  t.equal(config.defaultNetwork, 'net');
  t.equal(formatCidr(config.defaultSubnet), '10.1.0.0/16');
  t.same(
    config.addresses.subnetPools.map((pool) => [formatCidr(pool.base), pool.prefixBits]),
    [['10.2.0.0/16', 26]],
  );
});

t.test('a list with the attribute append continues the list of earlier files', async (t) => {
  const dirs = (...items: readonly string[]) => `[network]\ncni_plugin_dirs = [${items.join(', ')}]\n`;
  const { cniPluginDirs: defaults } = load(t.testdir({}), root);
  const cases: readonly [files: Readonly<Record<string, string>>, expected: readonly string[]][] = [
    [{ 'vendor.conf': dirs('"/a"', '{ append = true }') }, [...defaults, '/a']],
    [{ 'vendor.conf': dirs('{ append = true }') }, defaults],
    [{ 'vendor.conf': dirs('"/a"'), 'admin.conf': dirs('{ append = true }', '"/b"', '"/c"') }, ['/a', '/b', '/c']],
    // The attribute stays until a file says otherwise.
    [{ 'vendor.conf': dirs('"/a"', '{append=true}'), 'admin.conf': dirs('"/b"') }, [...defaults, '/a', '/b']],
    [{ 'vendor.conf': dirs('"/a"', '{append=true}'), 'admin.conf': dirs('"/b"', '{append=false}') }, ['/b']],
    [{ 'vendor.conf': dirs('"/a"', '{append=true}', '{append=false}', '{}') }, ['/a']],
  ];
  for (const [files, expected] of cases) t.same(load(t.testdir(files), root).cniPluginDirs, expected);

  const options = load(
    t.testdir({
      'vendor.conf': '[engine]\nnetwork_cmd_options = ["mtu=1400", "enable_ipv6=true"]\n',
      'admin.conf': '[engine]\nnetwork_cmd_options = ["mtu=1500", {append = true}]\n',
    }),
    root,
  ).slirp;
  t.match(options, { mtu: 1500, enableIpv6: true });
});

t.test('podnetd warns of a back end that does not see its networks', async (t) => {
  const backend = (name: string) => `[network]\ndefault_network = "net"\nnetwork_backend = "${name}"\n`;
  const dir = t.testdir({ 'admin.conf': backend('netavark') });
  t.same(load(dir, root).warnings, [
    `${dir}/admin.conf:3: network.network_backend: a Podman with the back end "netavark" does not see networks of podnetd, ` +
      `which are CNI's; where it should, the value must be "cni"`,
  ]);
  for (const name of ['cni', '']) t.same(load(t.testdir({ 'admin.conf': backend(name) }), root).warnings, []);
  const both = t.testdir({ 'vendor.conf': backend('netavark'), 'admin.conf': backend('cni') });
  t.same(load(both, root).warnings, [], 'the last file counts');
});

t.test('flags win over containers.conf', async (t) => {
  const args =
    '--cni-config-dir /flag/net.d --cni-plugin-dir /flag/bin --cni-cache-dir /flag/cni --listen /flag.sock --socket-group g';
  const config = load(t.testdir(file), root, ...args.split(' '));
  t.equal(config.cniConfigDir, '/flag/net.d');
  t.same(config.cniPluginDirs, ['/flag/bin']);
  t.equal(config.cniCacheDir, '/flag/cni');
  t.same(config.listen, [{ path: '/flag.sock' }]);
  t.equal(config.socketGroup, 'g');
  t.equal(config.defaultNetwork, 'net');
});

t.test('values taken back are the defaults', async (t) => {
  const dir = t.testdir({ 'vendor.conf': file['admin.conf'], 'admin.conf': '[network]\ndefault_network = ""\n' });
  t.equal(load(dir, root).defaultNetwork, 'podman');
});

t.test('a runtime folder too long for a socket', async (t) => {
  const runtimeDir = `/${'a'.repeat(100)}`;
  const dir = t.testdir({});
  t.throws(() => load(dir, { ...user, runtimeDir }), {
    name: 'ConfigError',
    message: `${runtimeDir}/podnetd/podnetd.sock: the path has 122 bytes, a socket's has at most 107; give another with --listen`,
  });
  t.same(load(dir, { ...user, runtimeDir }, '--listen', '/a.sock').listen, [{ path: '/a.sock' }]);
});

t.test('the configuration is frozen at every depth, and its sources are not', async (t) => {
  const identity = { ...root };
  const config = load(t.testdir({}), identity);
  const walk = (value: unknown, at: string): void => {
    if (typeof value !== 'object' || value === null) return;
    t.ok(Object.isFrozen(value), at);
    for (const [key, part] of Object.entries(value)) walk(part, `${at}.${key}`);
  };
  walk(config, 'config');
  t.notOk(Object.isFrozen(identity));
  t.notOk(Object.isFrozen(defaultSubnetPools));
});
