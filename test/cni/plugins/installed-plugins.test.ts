import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { InstalledPlugins } from '../../../src/cni/plugins/installed-plugins.js';
import { PluginBinaries } from '../../../src/cni/plugins/plugin-binary.js';
import { PluginDirs } from '../../../src/cni/runtime/plugin-dirs.js';
import { Files } from '../../../src/host/files/files.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

/** What podnetd learns of plugins: those of Debian, and scripts that report themselves as other builds do. */

const debian = '/usr/lib/cni';
const everyVersion = '0.3.1,0.4.0,1.0.0,1.1.0';

interface Script {
  /** What it prints without a command, behind its name. */
  readonly about: string;
  readonly versions: string;
  /** A text of the file. */
  readonly trace?: string;
}

interface Plugins {
  readonly installed: InstalledPlugins;
  readonly folder: string;
  write(plugin: string, script: Script): void;
  /** Runs of a plugin so far, each with its command. */
  runs(plugin: string): readonly string[];
}

function make(t: Test, ...more: readonly string[]): Plugins {
  const folder = makeScratch(t);
  const files = new Files();
  const write = (plugin: string, { about, versions, trace = '' }: Script) => {
    const file = path.join(folder, plugin);
    const answer = `{"cniVersion":"1.0.0","supportedVersions":["${versions.replaceAll(',', '","')}"]}`;
    writeFileSync(
      file,
      `#!/bin/sh
echo "\${CNI_COMMAND:-none}" >>${file}.runs
if [ "$CNI_COMMAND" = VERSION ]; then printf '%s' '${answer}'; else echo 'CNI ${plugin} plugin ${about}' >&2; fi
# ${trace}
`,
    );
    chmodSync(file, 0o755);
  };
  return {
    installed: new InstalledPlugins(new PluginDirs([folder, ...more], files), new PluginBinaries(files)),
    folder,
    write,
    runs: (plugin) => {
      const file = path.join(folder, `${plugin}.runs`);
      return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
    },
  };
}

const bridge = { driver: 'bridge', ipamDriver: 'host-local', dnsname: true } as const;
const isolation = 'json:"portIsolation,omitempty"';

t.test('the printed version decides, and the binary where it prints none', async (t) => {
  const able: readonly (readonly [about: string, trace: string, isAble: boolean])[] = [
    ['v1.7.0', '', true],
    ['v1.7.1-3.fc42', '', true],
    ['v1.10.0', '', true],
    ['1.8.0', '', true],
    ['v1.6.2', isolation, false],
    ['v0.9.9', '', false],
    ['version unknown', '', false],
    ['version unknown', isolation, true],
    ['', isolation, true],
  ];
  for (const [about, trace, isAble] of able) {
    const { installed, folder, write } = make(t);
    write('bridge', { about, trace, versions: everyVersion });
    write('firewall', { about: 'v1.9.1', versions: everyVersion });
    const found = await installed.findLack('portIsolation', 'bridge');
    const version = /\d\S*/.exec(about)?.[0] ?? '';
    const lack = { plugin: 'bridge', path: path.join(folder, 'bridge'), version, cniVersion: '1.1.0', needed: '1.7.0' };
    t.strictSame(found, isAble ? undefined : lack, `${about}, ${trace}`);
  }
});

t.test('every plugin that takes part has to be able, and installed', async (t) => {
  const { installed, write } = make(t);
  t.match(await installed.findLack('portIsolation', 'bridge'), { plugin: 'bridge', path: undefined });
  write('bridge', { about: 'v1.7.0', versions: everyVersion });
  t.match(await installed.findLack('portIsolation', 'bridge'), { plugin: 'firewall', path: undefined });
  write('firewall', { about: 'v1.6.2', versions: everyVersion });
  t.match(await installed.findLack('portIsolation', 'bridge'), { plugin: 'firewall', version: '1.6.2' });
  write('firewall', { about: 'v1.7.0', versions: everyVersion });
  t.equal(await installed.findLack('portIsolation', 'bridge'), undefined);
  write('host-local', { about: 'v1.6.0', versions: everyVersion });
  t.equal(await installed.findLack('routeMetric', 'bridge'), undefined);
  t.match(await installed.findLack('routeMetric', 'macvlan'), { plugin: 'macvlan', needed: '1.6.0' });
});

t.test('podnetd runs a binary once, and again when the file has changed', async (t) => {
  const { installed, folder, write, runs } = make(t);
  write('bridge', { about: 'v1.6.0', versions: everyVersion });
  const ask = async () => [
    (await installed.chooseCniVersion(bridge)).cniVersion,
    (await installed.findLack('portIsolation', 'bridge'))?.plugin,
  ];
  const both = await Promise.all([ask(), ask()]);
  t.strictSame(both, [
    ['0.4.0', 'bridge'],
    ['0.4.0', 'bridge'],
  ]);
  t.strictSame([...runs('bridge')].toSorted(), ['VERSION', 'none'], 'two requests at once share the runs');
  await ask();
  t.equal(runs('bridge').length, 2);
  write('bridge', { about: 'v1.7.0', versions: '1.0.0,1.1.0' });
  t.strictSame(await ask(), ['1.0.0', 'firewall'], 'an upgrade counts at once');
  appendFileSync(path.join(folder, 'bridge'), '# more\n');
  await ask();
  t.equal(runs('bridge').length, 6);
});

t.test('the first folder that has a plugin counts, also when it comes later', async (t) => {
  const second = make(t);
  second.write('bridge', { about: '', versions: '1.0.0' });
  const first = make(t, path.join(second.folder, 'missing'), second.folder);
  const choose = async () => (await first.installed.chooseCniVersion(bridge)).cniVersion;
  t.equal(await choose(), '1.0.0', 'past an empty folder and a missing one');
  const file = path.join(first.folder, 'bridge');
  for (const target of ['bridge', 'nowhere']) {
    symlinkSync(target, file);
    t.equal(await choose(), '1.0.0', `past a link to ${target}, as at a connect`);
    rmSync(file);
  }
  first.write('bridge', { about: '', versions: '1.1.0' });
  t.equal(await choose(), '1.1.0');
  rmSync(file);
  t.equal(await choose(), '1.0.0');
});

t.test('a network is asked about its own plugins alone', async (t) => {
  const { installed, write, runs } = make(t);
  for (const plugin of ['bridge', 'macvlan', 'host-local', 'dhcp', 'portmap', 'firewall', 'tuning', 'dnsname']) {
    write(plugin, { about: '', versions: plugin === 'dnsname' ? '1.0.0' : everyVersion });
  }
  t.equal((await installed.chooseCniVersion({ ...bridge, dnsname: false })).cniVersion, '0.4.0');
  t.strictSame([runs('dnsname'), runs('macvlan'), runs('dhcp')], [[], [], []]);
  t.equal(
    (await installed.chooseCniVersion(bridge)).cniVersion,
    '1.0.0',
    'with dnsname, a version that it understands',
  );
  t.equal(
    (await installed.chooseCniVersion({ driver: 'macvlan', ipamDriver: 'dhcp', dnsname: false })).cniVersion,
    '0.4.0',
  );
  t.strictSame([runs('macvlan'), runs('dhcp')], [['VERSION'], ['VERSION']]);
});

t.test('a plugin that does not answer VERSION is no obstacle', async (t) => {
  const broken: Readonly<Record<string, string>> = {
    silent: '#!/bin/sh\nexit 0\n',
    garbage: '#!/bin/sh\necho garbage\n',
    list: '#!/bin/sh\necho \'{"supportedVersions":[7]}\'\n',
    failing: '#!/bin/sh\nexit 3\n',
    alien: '\u007fELF of another machine',
  };
  for (const [name, text] of Object.entries(broken)) {
    const { installed, folder } = make(t);
    writeFileSync(path.join(folder, 'bridge'), text, { mode: 0o755 });
    t.strictSame(await installed.chooseCniVersion(bridge), { cniVersion: '0.4.0', problem: undefined }, name);
    t.match(
      await installed.findLack('portIsolation', 'bridge'),
      { plugin: 'bridge', version: '', cniVersion: '' },
      name,
    );
  }
});

t.test("Debian's plugins print no version", { skip: missing(`${debian}/bridge`) }, async (t) => {
  const answer = execFileSync(`${debian}/bridge`, {
    env: { CNI_COMMAND: 'VERSION' },
    stdio: ['ignore', 'pipe', 'inherit'],
  }).toString();
  const { installed } = make(t, debian);
  t.strictSame(await installed.chooseCniVersion(bridge), { cniVersion: '0.4.0', problem: undefined });
  const found = [
    await installed.findLack('portIsolation', 'bridge'),
    await installed.findLack('routeMetric', 'bridge'),
  ];
  t.comment(`found ${JSON.stringify(found)}`);
  const common = { version: '', cniVersion: '1.0.0' };
  const lacks = [
    { plugin: 'bridge', path: `${debian}/bridge`, needed: '1.7.0', ...common },
    { plugin: 'host-local', path: `${debian}/host-local`, needed: '1.6.0', ...common },
  ];
  // CNI 1.1.0 came with 1.6.0; Debian went from 1.1.1 to 1.8.
  t.strictSame(found, answer.includes('"1.1.0"') ? [undefined, undefined] : lacks);
});
