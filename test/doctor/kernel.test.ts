import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { makeNetns } from '../support/netns.js';
import { missing } from '../support/tools.js';
import { codesOf, makeClinic, mustRun, pluginDir } from './clinic.js';

/** Faults of the kernel's links, routes, rules and settings, planted on a host of the test. */

const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', 'sysctl', `${pluginDir}/bridge`);

t.test('faults of links, routes and settings give their findings and no other', { skip }, async (t) => {
  const clinic = await makeClinic(t);
  const { host } = clinic;
  const create = async (name: string, subnet: string) => {
    await clinic.must('POST', '/v5.4.2/libpod/networks/create', {
      name,
      subnets: [{ subnet }],
      network_interface: `br-${name}`,
    });
  };
  await create('web', '10.71.0.0/24');
  await create('db', '10.72.0.0/24');
  await create('idle', '10.73.0.0/24');
  const box = makeNetns(t);
  await clinic.must('POST', '/podnetd/v1/networks/web/connect', { container: box.name });
  const { status, findings } = await clinic.doctor();
  t.same({ status, findings }, { status: 0, findings: [] }, 'a host with a container has none');
  const before = await clinic.look();

  await host.ip('address', 'add', '10.71.0.99/32', 'dev', 'br-web');
  await host.ip('address', 'delete', '10.71.0.1/24', 'dev', 'br-web');
  await host.ip('link', 'add', 'stray0', 'master', 'br-web', 'type', 'veth', 'peer', 'name', 'stray1');
  await host.ip('address', 'add', '10.72.0.5/16', 'dev', 'ext0');
  await host.ip('route', 'add', '10.73.0.128/25', 'dev', 'ext0');
  // Less than the subnet: this one yields to the bridge.
  await host.ip('route', 'add', '10.72.0.0/13', 'dev', 'ext1');
  await mustRun(host, 'sysctl', ['-qw', 'net.ipv4.ip_forward=0', 'net.bridge.bridge-nf-call-iptables=0']);
  const drop = ['-A', 'FORWARD', '-i', 'br-web', '-o', 'br-web', '-j', 'DROP'];
  await mustRun(host, 'iptables', drop);
  await mustRun(host, 'iptables-legacy', ['-A', 'FORWARD', '-s', '192.0.2.9', '-j', 'ACCEPT']);
  const planted = await clinic.look();
  const visit = await clinic.doctor('--fix');
  t.match(
    visit.findings.map(({ code, seen }) => `${code}: ${seen}`),
    [
      'bridge-addresses: bridge br-web of network web has 10.71.0.99 too and lacks 10.71.0.1',
      'ip-forward-off: net.ipv4.ip_forward is 0, and containers are on network web',
      'subnet-taken: network db has 10.72.0.0/24, and interface ext0 has 10.72.0.0/16',
      'subnet-taken: network idle has 10.73.0.0/24, and a route to 10.73.0.128/25 leads through ext0',
      'veth-unattached: stray0 on bridge br-web of network web',
      'br-netfilter: rule "-A FORWARD -i br-web -o br-web -j DROP", and net.bridge.bridge-nf-call-iptables is 0',
      /^firewall-backends: iptables-nft has \d+ rules, and iptables-legacy has 1$/,
    ],
  );
  t.same(visit.findings.slice(7), []);
  t.notOk(visit.findings.some((finding) => finding.fixable));
  t.same(visit.repairs, []);
  t.same(await clinic.look(), planted, 'a repair leaves all of it alone');

  // Each remedy that is a command helps.
  for (const { code, remedy } of visit.findings) {
    if (code !== 'bridge-addresses') continue;
    for (const command of remedy.split('; ')) await mustRun(host, 'sh', ['-c', command]);
  }
  await mustRun(host, 'sysctl', ['-qw', 'net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1']);
  await mustRun(host, 'iptables-legacy', ['-D', 'FORWARD', '-s', '192.0.2.9', '-j', 'ACCEPT']);
  await mustRun(
    host,
    'iptables',
    drop.map((word) => (word === '-A' ? '-D' : word)),
  );
  await host.ip('link', 'delete', 'stray0');
  await host.ip('address', 'delete', '10.72.0.5/16', 'dev', 'ext0');
  await host.ip('route', 'delete', '10.73.0.128/25');
  await host.ip('route', 'delete', '10.72.0.0/13');
  t.same(await clinic.codes(), []);
  t.same((await clinic.look())['rules'], before['rules']);
});

t.test('bridges that no network names go, and other links stay', { skip }, async (t) => {
  const clinic = await makeClinic(t);
  const { host } = clinic;
  await clinic.must('POST', '/v5.4.2/libpod/networks/create', { name: 'web' });
  const before = await clinic.look();
  const add = async (name: string) => await host.ip('link', 'add', name, 'type', 'bridge');
  for (const name of ['cni-podman1', 'cni-podman7', 'cni-podman8', 'cni-podman9', 'cni-podman', 'cni0'])
    await add(name);
  await host.ip('address', 'add', '10.89.77.1/24', 'dev', 'cni-podman7');
  await host.ip('link', 'add', 'alive0', 'master', 'cni-podman8', 'type', 'veth', 'peer', 'name', 'alive1');
  // A file that is no network has its bridge too.
  writeFileSync(
    path.join(clinic.folder, 'odd.conf'),
    JSON.stringify({ cniVersion: '0.4.0', plugins: 1, type: 'bridge', bridge: 'cni-podman9' }),
  );
  const isolation = 'CNI firewall plugin rules (ingressPolicy: same-bridge)';
  await mustRun(host, 'iptables', ['-N', 'CNI-ISOLATION-STAGE-2']);
  const rule = [
    '-A',
    'CNI-ISOLATION-STAGE-2',
    '-o',
    'cni-podman7',
    '-m',
    'comment',
    '--comment',
    isolation,
    '-j',
    'DROP',
  ];
  await mustRun(host, 'iptables', rule);
  const visit = await clinic.doctor('--dry-run', '--only', 'bridge-unused');
  t.same(
    visit.findings.map(({ seen, fixable }) => [seen, fixable]),
    [
      ['bridge cni-podman7', true],
      ['bridge cni-podman8, with port alive0', false],
    ],
  );
  t.match(visit.repairs, [{ seen: 'bridge cni-podman7', outcome: 'planned' }]);
  const after = await clinic.doctor('--fix', '--only', 'bridge-unused');
  t.match(after.repairs, [{ code: 'bridge-unused', outcome: 'done' }]);
  t.match(after.findings, [{ code: 'bridge-unused', fixable: false }]);
  t.equal(after.findings.length, 1);
  for (const name of ['cni-podman1', 'cni-podman8', 'cni-podman9', 'cni-podman', 'cni0', 'alive0'])
    await host.ip('link', 'delete', name);
  await mustRun(host, 'iptables', ['-X', 'CNI-ISOLATION-STAGE-2']);
  rmSync(path.join(clinic.folder, 'odd.conf'));
  const { files: _files, ...rest } = await clinic.look();
  const { files: _before, ...restBefore } = before;
  t.same(rest, restBefore, 'links and rules are as they were');
  t.same(codesOf(await clinic.doctor()), []);
});
