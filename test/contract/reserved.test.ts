import { writeFileSync } from 'node:fs';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeResolverSpace } from '../support/resolver-space.js';
import { missing } from '../support/tools.js';

/** Reserved prefixes of podnetd.toml beside a real interface, a real route and a DNS server, which have a block of the pool each. */
const skip = missing('ip', 'nsenter', 'unshare');

const podnetdToml = `[addresses]
subnet_pools = [{ base = "10.50.0.0/21", size = 24 }, { base = "fd00:50::/56", size = 64 }]
reserved = [
  { subnet = "10.50.0.0/24", reason = "office VPN" },
  { subnet = "10.50.4.0/23", reason = "lab" },
  { subnet = "fd00:50::/63", reason = "lab" },
]
`;

t.test(
  "a network gets a subnet that is neither reserved nor the host's, and its plan names all in the way",
  { skip },
  async (t) => {
    const space = makeResolverSpace(t);
    const { netns } = space;
    await netns.ip('link', 'add', 'eth9', 'type', 'veth', 'peer', 'name', 'eth8');
    await netns.ip('address', 'add', '10.50.1.1/24', 'dev', 'eth9');
    await netns.ip('link', 'add', 'tun9', 'type', 'bridge');
    await netns.ip('link', 'set', 'tun9', 'up');
    await netns.ip('route', 'add', '10.50.2.0/24', 'dev', 'tun9');
    writeFileSync(space.own, 'nameserver 10.50.3.53\n');
    const daemon = await startDaemon(t, { netns: space, podnetdToml });
    const create = async (body: object) => await daemon.ask('POST', '/v5.4.2/libpod/networks/create', body);

    const plan = await daemon.ask('POST', '/podnetd/v1/networks/plan', { name: 'a', ipv6_enabled: true });
    t.match(plan.json(), {
      explanation: [
        {
          subnet: '10.50.6.0/24',
          pool: { base: '10.50.0.0/21', size: 24 },
          passed_over: [
            { kind: 'reserved', prefix: '10.50.0.0/24', reason: 'office VPN', blocks: 1 },
            { kind: 'interface', prefix: '10.50.1.0/24', name: 'eth9', blocks: 1 },
            { kind: 'route', prefix: '10.50.2.0/24', name: 'tun9', blocks: 1 },
            { kind: 'dns-server', prefix: '10.50.3.53/32', blocks: 1 },
            { kind: 'reserved', prefix: '10.50.4.0/23', reason: 'lab', blocks: 2 },
          ],
        },
        { subnet: 'fd00:50:0:2::/64', passed_over: [{ kind: 'reserved', prefix: 'fd00:50::/63', blocks: 2 }] },
      ],
    });
    t.match((await create({ name: 'a', ipv6_enabled: true })).json(), {
      subnets: [{ subnet: '10.50.6.0/24' }, { subnet: 'fd00:50:0:2::/64' }],
    });
    t.match((await create({ name: 'b' })).json(), { subnets: [{ subnet: '10.50.7.0/24' }] });

    // What yields is taken when nothing else is free; a reserved prefix and an interface's never are.
    for (const [name, subnet] of [
      ['c', '10.50.2.0/24'],
      ['d', '10.50.3.0/24'],
    ]) {
      const last = await create({ name });
      t.match(last.json(), { subnets: [{ subnet }] });
      t.match(
        last.headers['warning'],
        /^299 podnetd "subnet .* of this host: every other subnet of the pools is in use"$/,
      );
    }
    const refused = await daemon.ask('POST', '/podnetd/v1/networks/plan', { name: 'e' });
    t.equal(refused.status, 400);
    t.match(refused.json(), {
      message:
        /^could not find free subnet from subnet pools: all in use in 10\.50\.0\.0\/21 \(8 of size \/24\); by blocks, most is taken by reserved 10\.50\.4\.0\/23: lab \(2\)/,
      remedy:
        'name a subnet in the request, prune networks, or add a pool of IPv4 to subnet_pools in the table [addresses] of podnetd.toml, and reload podnetd',
    });
  },
);

t.test('avoid_routes and avoid_dns_servers take back what podnetd keeps off by default', { skip }, async (t) => {
  const space = makeResolverSpace(t);
  await space.netns.ip('link', 'add', 'tun9', 'type', 'bridge');
  await space.netns.ip('link', 'set', 'tun9', 'up');
  await space.netns.ip('route', 'add', '10.50.0.0/24', 'dev', 'tun9');
  writeFileSync(space.own, 'nameserver 10.50.1.53\n');
  const pools = 'subnet_pools = [{ base = "10.50.0.0/22", size = 24 }]';
  const first = async (more: string) => {
    const daemon = await startDaemon(t, { netns: space, podnetdToml: `[addresses]\n${pools}\n${more}\n` });
    const answer = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'a' });
    t.equal(answer.headers['warning'], undefined);
    return (answer.json() as { readonly subnets: readonly { readonly subnet: string }[] }).subnets[0]?.subnet;
  };
  t.equal(await first(''), '10.50.2.0/24');
  t.equal(await first('avoid_routes = false'), '10.50.0.0/24');
  t.equal(await first('avoid_routes = true\navoid_dns_servers = false'), '10.50.1.0/24');
});
