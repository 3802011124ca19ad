import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeHost, type Host } from '../support/host.js';
import { makeNetns } from '../support/netns.js';
import { rounds } from '../support/rounds.js';
import { missing } from '../support/tools.js';
import { checkNothingLeft, readRules } from '../support/traces.js';

const pluginDir = '/usr/lib/cni';
const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', 'ip6tables-save', `${pluginDir}/portmap`);
const firstConnects = rounds(4, 30);
t.setTimeout(firstConnects * 20_000);

/** Containers of each daemon in each round. */
const containers = 3;

t.test('two daemons connect at once, and no rule is lost or made twice', { skip }, async (t) => {
  const host = await makeHost(t);
  // One cache, as for daemons of one host.
  const args = ['--cni-plugin-dir', pluginDir, '--cni-cache-dir', '/var/lib/cni'];
  const daemons = [await startDaemon(t, { netns: host, args }), await startDaemon(t, { netns: host, args })];
  const networks = ['first', 'second'];
  for (const [index, daemon] of daemons.entries()) {
    const name = networks[index] ?? '';
    const body = { name, network_interface: `br-${name}`, subnets: [{ subnet: `10.6${index}.0.0/24` }] };
    t.equal((await daemon.ask('POST', '/v5.4.2/libpod/networks/create', body)).status, 200);
  }
  const boxes = daemons.flatMap((daemon, index) =>
    Array.from({ length: containers }, () => ({ daemon, network: networks[index] ?? '', name: makeNetns(t).name })),
  );
  for (let round = 0; round < firstConnects; round += 1) {
    // The chains that plugins make once for all containers are missing again.
    await flushRules(host);
    const connected = await Promise.all(
      boxes.map(async ({ daemon, network, name }, number) => {
        const port_mappings = [{ host_port: 20_000 + number, container_port: 80 }];
        const body = { container: name, port_mappings };
        const answer = await daemon.ask('POST', `/podnetd/v1/networks/${network}/connect`, body);
        if (answer.status !== 200) t.comment(answer.text);
        return answer.status;
      }),
    );
    t.strictSame([...new Set(connected)], [200], `round ${round}`);
    const rules = await readRules(host);
    const doubled = rules.filter((rule, index) => rules.indexOf(rule) !== index);
    t.strictSame(doubled, [], `round ${round}: no rule twice`);
    for (const number of boxes.keys()) {
      t.ok(
        rules.some((rule) => rule.includes(`--dport ${20_000 + number} `)),
        `round ${round}: port ${20_000 + number}`,
      );
    }
    const disconnected = await Promise.all(
      boxes.map(async ({ daemon, network, name }) => {
        return (await daemon.ask('POST', `/networks/${network}/disconnect`, { Container: name })).status;
      }),
    );
    t.strictSame([...new Set(disconnected)], [200], `round ${round}`);
  }
  await checkNothingLeft(t, host, '/var/lib/cni', networks);
});

async function flushRules(host: Host): Promise<void> {
  for (const table of ['filter', 'nat']) {
    for (const step of ['--flush', '--delete-chain']) await host.run('iptables', ['--table', table, step]);
  }
}
