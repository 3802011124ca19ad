import { writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { makeResolverSpace } from '../support/resolver-space.js';
import { missing } from '../support/tools.js';

/** podnetd keeps subnets off the DNS servers of the host; the test gives it files of its own, in a mount namespace. */
const skip = missing('ip', 'nsenter', 'unshare');

const containersConf = `
[[network.default_subnet_pools]]
base = "10.50.0.0/22"
size = 24
`;

async function startWithFiles(t: Test) {
  const space = makeResolverSpace(t);
  return { ...space, daemon: await startDaemon(t, { containersConf, netns: space }) };
}

async function create(daemon: TestDaemon, name: string) {
  const answer = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name });
  const { subnets } = answer.json() as { readonly subnets: readonly { readonly subnet: string }[] };
  return { subnet: subnets[0]?.subnet, warning: answer.headers['warning'] };
}

t.test(
  'a subnet with a DNS server is taken last, with a warning, and by a request that names it',
  { skip },
  async (t) => {
    const { daemon, own } = await startWithFiles(t);
    writeFileSync(own, 'search example.org\nnameserver 127.0.0.1\nnameserver 10.50.0.53\nnameserver 10.50.2.53\n');
    t.equal((await create(daemon, 'a')).subnet, '10.50.1.0/24');
    t.equal((await create(daemon, 'b')).subnet, '10.50.3.0/24');
    const last = await create(daemon, 'c');
    t.equal(last.subnet, '10.50.0.0/24', 'nothing else is free');
    t.match(last.warning, /^299 podnetd "subnet 10\.50\.0\.0\/24 overlaps the DNS server 10\.50\.0\.53 of this host/);
    const named = { name: 'd', subnets: [{ subnet: '10.50.2.0/24' }] };
    t.equal((await daemon.ask('POST', '/v5.4.2/libpod/networks/create', named)).status, 200);
  },
);

t.test('a change of resolv.conf counts at the next create, and outdates plans', { skip }, async (t) => {
  const { daemon, own } = await startWithFiles(t);
  t.equal((await create(daemon, 'a')).subnet, '10.50.0.0/24');
  const plan = async () => await daemon.ask('POST', '/podnetd/v1/networks/plan', { name: 'b' });
  const { revision } = (await plan()).json() as { readonly revision: string };
  t.equal(((await plan()).json() as { readonly revision: string }).revision, revision, 'nothing has changed');
  // A VPN comes up.
  writeFileSync(own, 'nameserver 10.50.1.1\n');
  t.match((await plan()).json(), {
    explanation: [
      { subnet: '10.50.2.0/24', passed_over: [{ kind: 'network' }, { kind: 'dns-server', prefix: '10.50.1.1/32' }] },
    ],
  });
  const condition = { 'If-Match': `"${revision}"` };
  t.equal((await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'b' }, condition)).status, 412);
  t.equal((await create(daemon, 'b')).subnet, '10.50.2.0/24');
  writeFileSync(own, '');
  t.equal((await create(daemon, 'c')).subnet, '10.50.1.0/24', 'the VPN is gone');
});

t.test('the servers behind systemd-resolved count', { skip }, async (t) => {
  const { daemon, own, ofResolved } = await startWithFiles(t);
  writeFileSync(own, 'nameserver 127.0.0.53\noptions edns0 trust-ad\n');
  writeFileSync(ofResolved, 'nameserver 10.50.0.53\n');
  t.equal((await create(daemon, 'a')).subnet, '10.50.1.0/24');
  writeFileSync(own, 'nameserver 10.50.2.53\n');
  t.equal((await create(daemon, 'b')).subnet, '10.50.0.0/24', 'systemd-resolved is not asked any more');
});
