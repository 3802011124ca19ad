import path from 'node:path';
import t from 'tap';
import { readContainersConf } from '../../src/config/containers-conf.js';
import { readSlirpOptions } from '../../src/config/slirp-options.js';
import { defaultSlirpOptions } from '../../src/host/slirp4netns/process.js';
import { root } from '../support/identities.js';

const refuse = (index: number, problem: string): never => {
  throw new Error(`${index}: ${problem}`);
};
const read = (...options: readonly string[]) => readSlirpOptions(options, refuse);

t.test('options', async (t) => {
  t.same(read(), defaultSlirpOptions);
  t.same(
    read('cidr=10.41.0.0/24', 'mtu=1500', 'enable_ipv6=false', 'allow_host_loopback=true', 'port_handler=rootlesskit'),
    { cidr: '10.41.0.0/24', mtu: 1500, enableIpv6: false, allowHostLoopback: true },
  );
  t.same(read('outbound_addr=192.0.2.1', 'outbound_addr6=wlan0'), {
    ...defaultSlirpOptions,
    outboundAddr: '192.0.2.1',
    outboundAddr6: 'wlan0',
  });
  t.equal(read('mtu=1500', 'mtu=9000').mtu, 9000, 'the last one counts');
});

t.test('other options are refused', async (t) => {
  const cases: readonly [option: string, message: string][] = [
    ['mtu', '"mtu" is no option of slirp4netns'],
    ['speed=9', '"speed=9" is no option of slirp4netns'],
    ['constructor=9', '"constructor=9" is no option of slirp4netns'],
    ['mtu=67', '"mtu=67": mtu must be an integer from 68 to 65521'],
    ['mtu=1e3', '"mtu=1e3": mtu must be an integer from 68 to 65521'],
    ['cidr=fd00::/64', '"cidr=fd00::/64": cidr must be an IPv4 CIDR of at most 25 bits'],
    ['enable_ipv6=yes', '"enable_ipv6=yes": enable_ipv6 must be true or false'],
    ['outbound_addr=::1', '"outbound_addr=::1": outbound_addr must be an IPv4 address or the name of an interface'],
    ['port_handler=x', '"port_handler=x": port_handler must be slirp4netns or rootlesskit'],
  ];
  for (const [option, message] of cases) t.throws(() => read('mtu=1500', option), { message: `1: ${message}` }, option);
});

t.test('in containers.conf', async (t) => {
  const folder = t.testdir({
    'good.conf':
      '[engine]\nnetwork_cmd_path = "/opt/slirp4netns"\nnetwork_cmd_options = ["mtu=1400"]\nhelper_binaries_dir = []\n',
    'bad.conf': '[engine]\nnetwork_cmd_options = ["mtu=1400",\n  "mtu=1"]\n',
    'kind.conf': '[engine]\nnetwork_cmd_options = "mtu=1"\n',
  });
  const load = (name: string) => readContainersConf({ CONTAINERS_CONF: path.join(folder, name) }, root);
  t.match(load('good.conf'), { slirpPath: '/opt/slirp4netns', slirpOptions: [{ values: ['mtu=1400'] }] });
  t.throws(() => load('bad.conf'), { message: /bad\.conf:2: engine\.network_cmd_options\[1\]: "mtu=1": mtu must be / });
  t.throws(() => load('kind.conf'), {
    message: /kind\.conf:2: engine\.network_cmd_options: "mtu=1" is not a list of options$/,
  });
});
