import path from 'node:path';
import t from 'tap';
import { printSettings, printSettingsAsJson } from '../../src/commands/config.js';
import { parseCall } from '../../src/commands/parse.js';
import { flagDeclarations, readFlags } from '../../src/config/flags.js';
import { buildConfig, readFiles } from '../../src/config/load.js';
import { describeSettings } from '../../src/config/settings.js';
import { keysOf } from '../../src/config/declared-key.js';
import { settingsFiles } from '../../src/config/settings-files.js';
import { rootsIn } from '../support/config-roots.js';
import { root, user } from '../support/identities.js';

function describe(folder: string, args: readonly string[], identity = root, env: Record<string, string> = {}) {
  const { options: given } = parseCall(['config', ...args]);
  const flags = readFlags(given);
  const files = readFiles(flags, env, identity, rootsIn(folder));
  return describeSettings(buildConfig(flags, files, identity), { given, files, env });
}

function find(settings: ReturnType<typeof describe>, name: string) {
  const setting = settings.find((one) => one.name === name);
  if (setting === undefined) throw new Error(`no setting ${name}`);
  return { value: setting.value, origins: setting.origins };
}

t.test('everything by default', async (t) => {
  for (const { name, origins } of describe(t.testdir({}), [])) t.same(origins, [{ kind: 'default' }], name);
});

t.test('every flag and every key of the files is the origin of a setting', async (t) => {
  const examples: Readonly<Record<string, string>> = {
    'idle-timeout': '5',
    'lock-timeout': '5',
    'socket-mode': '0600',
    'log-level': 'debug',
    'log-format': 'json',
    'metrics-listen': '[::1]:9653',
    config: '/dev/null',
  };
  const seen = (settings: ReturnType<typeof describe>) => settings.flatMap(({ origins }) => origins);
  for (const flag of Object.keys(flagDeclarations)) {
    const settings = describe(t.testdir({}), [`--${flag}`, examples[flag] ?? '/x']);
    t.strictSame(
      seen(settings).filter(({ kind }) => kind !== 'default'),
      [{ kind: 'flag', flag: `--${flag}` }],
    );
  }
  const conf =
    '[engine]\nnetwork_cmd_path = "/bin/slirp"\nnetwork_cmd_options = ["mtu=1500"]\n[network]\n' +
    'network_config_dir = "/n"\ncni_plugin_dirs = ["/p"]\ndefault_network = "d"\ndefault_subnet = "10.1.0.0/16"\n' +
    'default_subnet_pools = [{ base = "10.2.0.0/16", size = 24 }]\n';
  const toml =
    '[addresses]\nreserved = [{ subnet = "10.9.0.0/16", reason = "r" }]\nsubnet_pools = [{ base = "fd00:1::/48", size = 64 }]\n' +
    'avoid_routes = false\navoid_dns_servers = false\n[metrics]\nlisten = "10.0.0.1:1"\nremote = true\nper_network = true\n' +
    '[audit]\nfile = "/a"\non_failure = "allow"\n[[sockets]]\npath = "/s"\n';
  const pools = 'pools = [{ base = "10.64.0.0/10", block = 20, size = 24 }]\n';
  const store =
    'endpoints = ["https://e"]\nca = "/ca"\ncert = "/cert"\nkey = "/key"\nuser = "u"\npassword_file = "/p"\nprefix = "/x"\nhost = "h"\nstate_file = "/s"\n';
  const ofFleet = (keys: string) => ({ 'admin.conf': conf, 'admin.toml': `${toml}[fleet]\n${pools}${keys}` });
  const folder = t.testdir({ index: ofFleet('host_index = 7\n'), store: ofFleet(store) });
  const keys = settingsFiles.flatMap((file) =>
    keysOf(file).map(({ table, isList, name }) => (isList ? `${table}[0]` : `${table}.${name}`)),
  );
  t.same(
    new Set(
      ['index', 'store'].flatMap((name) =>
        seen(describe(path.join(folder, name), [])).flatMap((origin) => (origin.kind === 'file' ? [origin.key] : [])),
      ),
    ),
    // Only a warning follows from it.
    new Set(keys.filter((key) => key !== 'network.network_backend')),
  );
});

t.test('a flag wins over a file, and the last file with a value over earlier ones', async (t) => {
  const folder = t.testdir({
    'vendor.conf': '[network]\ndefault_network = "a"\nnetwork_config_dir = "/a"\n',
    'admin.conf': '# a comment\n[network]\ndefault_network = "b"\ndefault_subnet = ""\n',
  });
  const settings = describe(folder, ['--cni-config-dir', '/flag']);
  t.same(find(settings, 'cni-config-dir'), { value: '/flag', origins: [{ kind: 'flag', flag: '--cni-config-dir' }] });
  t.same(find(settings, 'default-network'), {
    value: 'b',
    origins: [{ kind: 'file', file: path.join(folder, 'admin.conf'), line: 3, key: 'network.default_network' }],
  });
  t.same(find(settings, 'default-subnet').origins, [{ kind: 'default' }], 'an empty string stands for the default');
});

t.test('a list has the origins of all its parts', async (t) => {
  const dirs = (...items: readonly string[]) => `[network]\ncni_plugin_dirs = [${items.join(', ')}]\n`;
  const folder = t.testdir({
    'vendor.conf': dirs('"/a"', '{ append = true }'),
    'admin.conf': dirs('"/b"'),
  });
  const place = (file: string) => ({
    kind: 'file',
    file: path.join(folder, file),
    line: 2,
    key: 'network.cni_plugin_dirs',
  });
  t.same(find(describe(folder, []), 'cni-plugin-dirs').origins, [
    { kind: 'default' },
    place('vendor.conf'),
    place('admin.conf'),
  ]);
});

t.test('the defaults of a user follow from the environment', async (t) => {
  const folder = t.testdir({});
  const origin = (env: Record<string, string>, name: string) => find(describe(folder, [], user, env), name).origins;
  t.same(origin({ XDG_RUNTIME_DIR: '/r' }, 'listen'), [{ kind: 'environment', variable: 'XDG_RUNTIME_DIR' }]);
  t.same(origin({ HOME: '/h' }, 'cni-config-dir'), [{ kind: 'environment', variable: 'HOME' }]);
  t.same(origin({ XDG_RUNTIME_DIR: 'relative' }, 'cni-cache-dir'), [{ kind: 'default' }]);
  t.same(origin({ XDG_STATE_HOME: '/s' }, 'fleet-state-file'), [{ kind: 'default' }], 'without a fleet');
  const fleet =
    '[fleet]\npools = [{ base = "10.64.0.0/12", block = 20, size = 24 }]\nendpoints = ["http://[::1]"]\nhost = "h"\n';
  const withFleet = describe(t.testdir({ 'user.toml': fleet }), [], user, { XDG_STATE_HOME: '/s' });
  t.same(find(withFleet, 'fleet-state-file').origins, [{ kind: 'environment', variable: 'XDG_STATE_HOME' }]);
});

t.test('the printed forms', async (t) => {
  const folder = t.testdir({
    'admin.conf': '[network]\ndefault_subnet_pools = [{ base = "10.2.0.0/16", size = 26 }]\n',
  });
  const settings = describe(folder, ['--listen', '/a', '--listen', '/b "\n']);
  const lines = printSettings(settings).split('\n');
  t.equal(lines[0], 'listen = ["/a", "/b \\"\\n"]  # flag --listen');
  t.ok(lines.includes('# socket-group is not set  # default'));
  t.ok(
    lines.includes(
      `subnet-pools = [{ base = "10.2.0.0/16", size = 26 }]  # file ${folder}/admin.conf:2: network.default_subnet_pools`,
    ),
  );
  t.match(JSON.parse(printSettingsAsJson(settings)), [
    { name: 'listen', value: ['/a', '/b "\n'], origins: [{ kind: 'flag', flag: '--listen' }] },
  ]);
});
