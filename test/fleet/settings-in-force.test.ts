import { userInfo } from 'node:os';
import t from 'tap';
import { parseCall } from '../../src/commands/parse.js';
import type { Config } from '../../src/config/config.js';
import { readFlags } from '../../src/config/flags.js';
import { readIdentity } from '../../src/config/identity.js';
import { loadConfig } from '../../src/config/load.js';
import { formatCidr } from '../../src/ip/cidr.js';
import type { NetworkSettings } from '../../src/network/dependencies/settings.js';
import { SettingsInForce } from '../../src/wiring/settings-in-force.js';
import { cidr } from '../support/addresses.js';
import { rootsIn } from '../support/config-roots.js';

const store =
  '[fleet]\npools = [{ base = "10.64.0.0/12", block = 20, size = 24 }]\nendpoints = ["http://localhost:2379"]\nhost = "h"\n';
const own6 = '[addresses]\nsubnet_pools = [{ base = "fd99::/48", size = 64 }]\n';

function load(folder: string): Config {
  const identity = { ...readIdentity({ HOME: userInfo().homedir }), euid: 0, rootless: false };
  return loadConfig(readFlags(parseCall([]).options), {}, identity, rootsIn(folder));
}

const poolsOf = ({ subnetPools }: NetworkSettings) =>
  subnetPools.map(({ base, prefixBits }) => `${formatCidr(base)} ${prefixBits}`);

t.test('claimed blocks come into force, and a reload keeps them', async (t) => {
  const folder = t.testdir({ first: { 'admin.toml': own6 + store }, later: { 'admin.toml': store }, alone: {} });
  const settings = new SettingsInForce(load(`${folder}/first`));
  t.same(poolsOf(settings.current), ['fd99::/48 64'], 'no block yet, and none of the usual IPv4 pools');
  const before = settings.current;
  settings.replaceBlocks([cidr('10.64.32.0/20'), cidr('10.64.16.0/20')]);
  const claimed = ['10.64.16.0/20 24', '10.64.32.0/20 24'];
  t.same(poolsOf(settings.current), [...claimed, 'fd99::/48 64']);
  t.same(poolsOf(before), ['fd99::/48 64'], 'a decision under way keeps its settings');
  t.same(settings.current.fleet?.own.length, 2);

  t.same(poolsOf(settings.withBlocks([cidr('10.64.0.0/20')])), ['10.64.0.0/20 24', ...claimed, 'fd99::/48 64']);
  t.same(poolsOf(settings.current), [...claimed, 'fd99::/48 64'], 'a preview puts nothing in force');

  settings.replace(load(`${folder}/later`));
  t.same(poolsOf(settings.current), claimed);
  settings.replace(load(`${folder}/alone`));
  t.same(poolsOf(settings.current), claimed, 'the end of a fleet waits for a restart');
  settings.replaceBlocks([]);
  t.same(poolsOf(settings.current), []);
});

t.test('a fleet that is new waits for a restart, and leaves the usual pools in force', async (t) => {
  const folder = t.testdir({ alone: {}, fleet: { 'admin.toml': store } });
  const settings = new SettingsInForce(load(`${folder}/alone`));
  const usual = poolsOf(settings.current);
  settings.replace(load(`${folder}/fleet`));
  t.same(poolsOf(settings.current), usual);
  t.equal(settings.current.fleet, undefined);
});
