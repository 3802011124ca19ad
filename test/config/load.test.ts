import path from 'node:path';
import t, { type Test } from 'tap';
import { parseArguments } from '../../src/config/arguments.js';
import { ConfigError } from '../../src/config/config-error.js';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/schema.js';
import type { Identity } from '../../src/host/identity.js';
import { formatCidr } from '../../src/ip/cidr.js';

interface Host {
  /** Files by path; `vendor.conf` and `admin.conf` are the system's, `config` is the user's configuration folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly rootless?: boolean;
  readonly args?: readonly string[];
}

function load(t: Test, { files = {}, env = {}, rootless = false, args = [] }: Host): { config: Config; root: string } {
  const root = t.testdir();
  const tree: Record<string, unknown> = {};
  for (const [file, text] of Object.entries(files)) {
    const parts = file.split('/');
    const name = parts.pop() ?? '';
    let folder = tree;
    for (const part of parts) folder = (folder[part] ??= {}) as Record<string, unknown>;
    folder[name] = text;
  }
  t.testdir(tree as Parameters<Test['testdir']>[0]);
  const identity: Identity = {
    euid: rootless ? 1000 : 0,
    rootless,
    configHome: path.join(root, 'config'),
    runtimeDir: rootless ? '/run/user/1000' : '/run',
  };
  const parsed = parseArguments(args);
  if (parsed.action !== 'run') throw new TypeError('flags of a run are wanted');
  const located = Object.fromEntries(Object.entries(env).map(([key, file]) => [key, path.join(root, file)]));
  const roots = { vendor: path.join(root, 'vendor.conf'), admin: path.join(root, 'admin.conf') };
  return { config: loadConfig(parsed.flags, located, identity, roots), root };
}

const network = (text: string) => `[network]\n${text}\n`;

t.test('defaults are those of Podman', async (t) => {
  const { config } = load(t, {});
  t.match(config, {
    listen: ['/run/podnetd/podnetd.sock'],
    cniConfigDir: '/etc/cni/net.d',
    cniPluginDirs: ['/usr/local/libexec/cni', '/usr/libexec/cni', '/usr/local/lib/cni', '/usr/lib/cni', '/opt/cni/bin'],
    defaultNetwork: 'podman',
  });
  t.equal(formatCidr(config.defaultSubnet), '10.88.0.0/16');
  t.equal(config.subnetPools.length, 5);
  t.ok(Object.isFrozen(config));
});

t.test('a user needs no privileges', async (t) => {
  const { config, root } = load(t, { rootless: true });
  t.same(config.listen, ['/run/user/1000/podnetd/podnetd.sock']);
  t.equal(config.cniConfigDir, path.join(root, 'config/cni/net.d'));
});

t.test('later files win key by key, flags over all', async (t) => {
  const files = {
    'vendor.conf': network(
      'default_network = "vendor"\ndefault_subnet = "10.1.0.0/16"\nnetwork_config_dir = "/vendor"',
    ),
    'admin.conf': network('default_network = "admin"'),
    'admin.conf.d/20.conf': network('network_config_dir = "/twenty"'),
    'admin.conf.d/10.conf': network('network_config_dir = "/ten"\ncni_plugin_dirs = ["/plugins/"]'),
    'admin.conf.d/ignored.txt': 'no TOML',
    'config/containers/containers.conf': network('default_network = "user"'),
  };
  const { config } = load(t, { files });
  t.match(config, { defaultNetwork: 'admin', cniConfigDir: '/twenty', cniPluginDirs: ['/plugins/'] });
  t.equal(formatCidr(config.defaultSubnet), '10.1.0.0/16');
  t.equal(load(t, { files, rootless: true }).config.defaultNetwork, 'user');
  const args = ['--cni-config-dir', '/flag', '--cni-plugin-dir', '/flagged', '--listen', '/x.sock'];
  t.match(load(t, { files, args }).config, { cniConfigDir: '/flag', cniPluginDirs: ['/flagged'], listen: ['/x.sock'] });
});

t.test('CONTAINERS_CONF stands alone, CONTAINERS_CONF_OVERRIDE comes last', async (t) => {
  const files = {
    'admin.conf': network('default_network = "admin"\nnetwork_config_dir = "/admin"'),
    'own.conf': network('default_network = "own"'),
    'last.conf': network('default_network = "last"'),
  };
  const alone = load(t, { files, env: { CONTAINERS_CONF: 'own.conf' } });
  t.match(alone.config, { defaultNetwork: 'own', cniConfigDir: '/etc/cni/net.d' });
  const last = load(t, { files, env: { CONTAINERS_CONF_OVERRIDE: 'last.conf' } });
  t.match(last.config, { defaultNetwork: 'last', cniConfigDir: '/admin' });
});

t.test('pools', async (t) => {
  const pools = '[[network.default_subnet_pools]]\nbase = "172.30.0.0/16"\nsize = 26\n';
  const inline = network('default_subnet_pools = [{"base" = "172.30.0.0/16", "size" = 26}]');
  for (const text of [pools, inline]) {
    const [pool] = load(t, { files: { 'admin.conf': text } }).config.subnetPools;
    t.equal(pool && formatCidr(pool.base), '172.30.0.0/16');
    t.equal(pool?.prefixBits, 26);
  }
});

t.test('what concerns others is left alone', async (t) => {
  const text =
    '[engine]\nfuture = 99999999999999999999\n[network]\nnetwork_backend = "cni"\nfirewall_driver = "nftables"\n';
  t.equal(load(t, { files: { 'admin.conf': text } }).config.defaultNetwork, 'podman');
});

const bad: readonly (readonly [label: string, text: string, message: RegExp])[] = [
  ['syntax', '[network]\ndefault_network = \n', /admin\.conf:2: /],
  ['type', network('\ndefault_network = 5'), /admin\.conf:3: network\.default_network: 5: .*string/],
  ['list type', network('cni_plugin_dirs = "/x"'), /admin\.conf:2: network\.cni_plugin_dirs: "\/x": .*array/],
  ['table type', 'network = 1', /admin\.conf:1: network: 1: .*object/],
  ['name', network('default_network = "a b"'), /admin\.conf:2: network\.default_network: "a b" is not a valid/],
  [
    'subnet',
    network('# why\ndefault_subnet = "10.88.0.0"'),
    /:3: network\.default_subnet: "10\.88\.0\.0" is not a CIDR/,
  ],
  ['dotted key', 'network.default_subnet = "x"', /:1: network\.default_subnet: "x" is not a CIDR/],
  [
    'relative folder',
    network('network_config_dir = "net.d"'),
    /:2: network\.network_config_dir: "net\.d" is not an abs/,
  ],
  [
    'relative plugin folder',
    network('cni_plugin_dirs = ["/a", "b"]'),
    /:2: network\.cni_plugin_dirs: "b" is not an abs/,
  ],
  ['pool base', network('default_subnet_pools = [{base = "x", size = 24}]'), /:2: .*pools: base "x" is not a CIDR/],
  ['pool family', network('default_subnet_pools = [{base = "fd00::/48", size = 64}]'), /base "fd00::\/48" is not IPv4/],
  [
    'pool size',
    network('default_subnet_pools = [{base = "10.0.0.0/8", size = 33}]'),
    /size 33 is not between 1 and 32/,
  ],
  [
    'pool too small',
    network('default_subnet_pools = [{base = "10.0.0.0/16", size = 8}]'),
    /size 8 .* base "10\.0\.0\.0\/16"/,
  ],
  ['line break', network('default_network = "a\\nb"'), /"a\\u000ab" is not a valid/],
];

for (const [label, text, message] of bad) {
  t.test(`refuses: ${label}`, async (t) => {
    try {
      load(t, { files: { 'admin.conf': text } });
      t.fail('is refused');
    } catch (error) {
      t.ok(error instanceof ConfigError, String(error));
      t.match((error as Error).message, message);
      t.notMatch((error as Error).message, /\n/, 'one line');
    }
  });
}

t.test('refuses a named file that is missing, and a folder in the place of a file', async (t) => {
  t.throws(() => load(t, { env: { CONTAINERS_CONF: 'gone.conf' } }), {
    name: 'ConfigError',
    message: /^CONTAINERS_CONF=.*gone\.conf: no such file$/,
  });
  t.throws(() => load(t, { files: { 'admin.conf/x': '' } }), { name: 'ConfigError', message: /admin\.conf: EISDIR/ });
});
