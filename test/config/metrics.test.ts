import path from 'node:path';
import t from 'tap';
import { parseCall } from '../../src/commands/parse.js';
import { ConfigError } from '../../src/config/config-error.js';
import type { Config } from '../../src/config/config.js';
import { readFlags } from '../../src/config/flags.js';
import { loadConfig } from '../../src/config/load.js';
import { compareSettings } from '../../src/config/settings.js';
import { rootsIn } from '../support/config-roots.js';
import { root } from '../support/identities.js';

/** Where podnetd listens for scrapes: literal addresses of this machine, others only where the file says so. */

function load(folder: string, ...args: readonly string[]): Config {
  return loadConfig(readFlags(parseCall(args).options), {}, root, rootsIn(folder));
}

function refusal(folder: string, ...args: readonly string[]): string {
  try {
    load(folder, ...args);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'not refused';
}

t.test('addresses of this machine', async (t) => {
  const listenOf = (text: string) => load(t.testdir({}), '--metrics-listen', text).metrics.listen;
  t.strictSame(listenOf('127.0.0.1:9653'), { host: '127.0.0.1', port: 9653 });
  t.strictSame(listenOf('127.8.9.10:0'), { host: '127.8.9.10', port: 0 });
  t.strictSame(listenOf('[::1]:65535'), { host: '::1', port: 65_535 });
  t.strictSame(listenOf('[0:0:0:0:0:0:0:1]:1'), { host: '0:0:0:0:0:0:0:1', port: 1 });
});

t.test('the file', async (t) => {
  const folder = t.testdir({ 'admin.toml': '[metrics]\nlisten = "[::1]:9653"\nper_network = true\n' });
  t.strictSame(load(folder).metrics, { listen: { host: '::1', port: 9653 }, remote: false, perNetwork: true });
  t.strictSame(load(folder, '--metrics-listen', '127.0.0.1:1').metrics.listen, { host: '127.0.0.1', port: 1 });
});

t.test('what is no address and port is refused with the value and the rule', async (t) => {
  const rule = 'not an address and a port, as in 127.0.0.1:9653 and [::1]:9653';
  for (const text of [
    '',
    '9653',
    ':9653',
    'localhost:9653',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '127.0.0.1:1e3',
    '127.1:9653',
    '::1:9653',
    '[127.0.0.1]:9653',
    '[::1%lo]:9653',
    '[::1]9653',
    'http://127.0.0.1:9653',
    '127.0.0.1:9653/',
  ])
    t.equal(refusal(t.testdir({}), '--metrics-listen', text), `--metrics-listen ${text}: ${rule}`);
  const folder = t.testdir({ 'admin.toml': '[metrics]\nlisten = "localhost:9653"\n' });
  t.equal(
    refusal(folder),
    `${path.join(folder, 'admin.toml')}:2: metrics.listen: "localhost:9653" is ${rule}`,
    'also in the file',
  );
});

t.test('an address that other machines reach needs the word of the file', async (t) => {
  const rule =
    'is no loopback address, and metrics over TCP have neither a password nor encryption; listen on 127.0.0.1 or [::1], ' +
    'or write remote = true into [metrics] of podnetd.toml';
  for (const [text, host] of [
    ['0.0.0.0:9653', '0.0.0.0'],
    ['[::]:9653', '::'],
    ['128.0.0.1:9653', '128.0.0.1'],
    ['10.0.0.1:9653', '10.0.0.1'],
    ['[2001:db8::1]:9653', '2001:db8::1'],
  ] as const) {
    t.equal(refusal(t.testdir({}), '--metrics-listen', text), `--metrics-listen ${text}: ${host} ${rule}`);
    const allowing = t.testdir({ 'admin.toml': '[metrics]\nremote = true\n' });
    t.equal(load(allowing, '--metrics-listen', text).metrics.listen?.host, host);
  }
  const folder = t.testdir({ 'admin.toml': '[metrics]\nlisten = "0.0.0.0:9653"\n' });
  t.equal(refusal(folder), `${path.join(folder, 'admin.toml')}:2: metrics.listen: 0.0.0.0 ${rule}`);
  t.strictSame(load(folder, '--metrics-listen', '127.0.0.1:1').metrics.listen, { host: '127.0.0.1', port: 1 });
});

t.test('a reload changes what is shown, and a restart where', async (t) => {
  const before = load(t.testdir({}));
  const after = load(
    t.testdir({ 'admin.toml': '[metrics]\nlisten = "10.0.0.1:1"\nremote = true\nper_network = true\n' }),
  );
  t.strictSame(compareSettings(before, after), {
    live: ['metrics-per-network'],
    atStart: ['metrics-listen', 'metrics-remote'],
  });
});
