import { prefixOrSize } from '../../../src/ip/prefix-size.js';
import t, { type Test } from 'tap';
import type { NetworkRequest } from '../../../src/model/request.js';
import { address, cidr } from '../../support/addresses.js';
import { makeScratch } from '../../support/scratch.js';
import { makeService, request, type TestService } from '../../support/service.js';

function start(t: Test): TestService {
  const made = makeService(makeScratch(t));
  t.teardown(() => made.close());
  return made;
}

const subnet = (prefix: string, gateway?: string, leaseStart?: string, leaseEnd?: string) => ({
  prefix: prefixOrSize(cidr(prefix)),
  gateway: gateway === undefined ? undefined : address(gateway),
  leaseStart: leaseStart === undefined ? undefined : address(leaseStart),
  leaseEnd: leaseEnd === undefined ? undefined : address(leaseEnd),
  reserved: new Map(),
});

t.test('the same request returns the existing network', async (t) => {
  const { networks } = start(t);
  const requests: readonly NetworkRequest[] = [
    request('plain'),
    request('dual', { ipv6Enabled: true }),
    request('half', { subnets: [subnet('10.71.0.0/24')], ipv6Enabled: true }),
    request('full', {
      subnets: [subnet('10.70.0.0/24', '10.70.0.9', '10.70.0.20', '10.70.0.30'), subnet('fd00:70::/64')],
      labels: new Map([['k', 'v']]),
      options: new Map([
        ['mtu', '1400'],
        ['isolate', '1'],
        ['vlan', '0'],
      ]),
      networkInterface: 'br70',
    }),
    request('inner', { internal: true }),
    request('bare', { ipamDriver: 'none' }),
    request('clipped', { subnets: [subnet('10.72.0.0/24', undefined, '10.72.0.128', '10.72.0.255')] }),
    request('dns', { dnsEnabled: true }),
    request('sizes', { subnets: [subnet('0.0.0.0/26'), subnet('::/80'), subnet('0.0.0.0/26')] }),
    request('allowed', { options: new Map([['podnetd.allow_reserved', 'false']]) }),
  ];
  for (const wanted of requests) {
    const made = await networks.ensure(wanted);
    t.equal((await networks.ensure(wanted)).path, made.path, wanted.name);
  }
  const together = await Promise.all([networks.ensure(request('new')), networks.ensure(request('new'))]);
  t.equal(together[0].path, together[1].path, 'also when both requests come at once');
});

t.test('another request under the name returns the network as it is, with the differences', async (t) => {
  const { networks } = start(t);
  await networks.create(
    request('web', { subnets: [subnet('10.70.0.0/24', undefined, '10.70.0.20')], labels: new Map([['k', 'v']]) }),
  );
  const same = { subnets: [subnet('10.70.0.0/24', undefined, '10.70.0.20')], labels: new Map([['k', 'v']]) };
  const cases: readonly (readonly [more: Partial<NetworkRequest>, difference: string | undefined])[] = [
    [{ internal: true }, 'internal is false, not true; gateway of 10.70.0.0/24 is 10.70.0.1, not none'],
    [{ labels: new Map([['k', 'w']]) }, 'label k is "v", not "w"'],
    [{ labels: new Map() }, 'label k is "v", not absent'],
    [{ options: new Map([['mtu', '1400']]) }, 'option mtu is absent, not "1400"'],
    [{ networkInterface: 'br9' }, 'network_interface is "cni-podman1", not "br9"'],
    [
      { subnets: [subnet('10.71.0.0/24')] },
      'subnets are 10.70.0.0/24, without 10.71.0.0/24; it has subnet 10.70.0.0/24 too',
    ],
    [{ subnets: [subnet('10.70.0.0/24')] }, 'lease range start of 10.70.0.0/24 is 10.70.0.20, not none'],
    [
      { subnets: [subnet('10.70.0.0/24', '10.70.0.2', '10.70.0.20')] },
      'gateway of 10.70.0.0/24 is 10.70.0.1, not 10.70.0.2',
    ],
    [{ subnets: [subnet('0.0.0.0/24')] }, undefined],
    [
      { subnets: [subnet('0.0.0.0/26')] },
      'subnets are 10.70.0.0/24, without 0.0.0.0/26; it has subnet 10.70.0.0/24 too',
    ],
    [{ subnets: [subnet('0.0.0.0/24'), subnet('0.0.0.0/24')] }, 'subnets are 10.70.0.0/24, without 0.0.0.0/24'],
    [{ options: new Map([['podnetd.allow_reserved', 'true']]) }, 'option podnetd.allow_reserved is absent, not "true"'],
    [{ ipv6Enabled: true }, 'ipv6_enabled is false, not true'],
    [{ ipamDriver: 'none', subnets: [] }, 'ipam driver is "host-local", not "none"'],
  ];
  const made = await networks.inspect('web');
  for (const [more, difference] of cases) {
    const { warnings, ...found } = await networks.ensure(request('web', { ...same, ...more }));
    t.strictSame(found, made, difference ?? 'no difference');
    const warning = `network web exists already and is left as it is: ${difference}`;
    t.strictSame(warnings, difference === undefined ? [] : [warning]);
  }
  const { warnings } = await networks.ensure(request('web', { ...same, driver: 'macvlan' }));
  t.match(warnings, [/driver is "bridge", not "macvlan"/]);
});

t.test('an invalid request returns the existing network too', async (t) => {
  const { networks } = start(t);
  await networks.create(request('web'));
  const wrong = { subnets: [subnet('10.71.0.0/31')] };
  t.match(await networks.ensure(request('web', wrong)), {
    network: { name: 'web' },
    warnings: [/^network web exists already and is left as it is: subnet 10\.71\.0\.0\/31 is too small/],
  });
  await t.rejects(networks.ensure(request('other', wrong)), { kind: 'invalid', message: /too small/ });
  t.match(await networks.ensure(request('podman', { internal: true })), {
    network: { name: 'podman', internal: false },
  });
});
