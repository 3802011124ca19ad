import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { formatCidr } from '../../../src/ip/cidr.js';
import type { Subnet } from '../../../src/model/network.js';
import { measureUsage } from '../../../src/network/addresses/subnet-usage.js';
import { address, cidr } from '../../support/addresses.js';

interface Given {
  readonly gateway?: string;
  readonly range?: readonly [start: string, end: string];
  readonly reserved?: readonly string[];
}

const subnet = (prefix: string, { gateway, range, reserved = [] }: Given): Subnet => ({
  cidr: cidr(prefix),
  gateway: gateway === undefined ? undefined : address(gateway),
  leaseStart: range && address(range[0]),
  leaseEnd: range && address(range[1]),
  reserved: new Map(reserved.map((text) => [text, address(text)])),
});

const measure = (subnets: readonly Subnet[], leases: readonly string[] = []) =>
  measureUsage(
    subnets,
    leases.map((text) => ({ address: address(text) })),
  ).map(({ cidr: prefix, inUse, available }) => [formatCidr(prefix), inUse, available]);

t.test("the numbers are those of Docker's own tests", async (t) => {
  // source: moby integration/network/bridge/bridge_linux_test.go (TestBridgeIPAMStatus)@docker-v29.7.2
  const four = subnet('192.168.0.0/24', {
    gateway: '192.168.0.1',
    range: ['192.168.0.2', '192.168.0.3'],
    reserved: ['192.168.0.3', '192.168.0.200'],
  });
  const six = subnet('2001:db8:abcd::/64', {
    gateway: '2001:db8:abcd::1',
    range: ['2001:db8:abcd::', '2001:db8:abcd::ff'],
    reserved: ['2001:db8:abcd::2a', '2001:db8:abcd::8000'],
  });
  t.same(measure([four]), [['192.168.0.0/24', 5n, 1n]]);
  t.same(measure([four], ['192.168.0.2']), [['192.168.0.0/24', 6n, 0n]], 'a container from the range');
  t.same(measure([four], ['192.168.0.2', '192.168.0.90']), [['192.168.0.0/24', 7n, 0n]], 'one from outside of it');
  // The network address is no part of the lease range here: host-local never leases it.
  t.same(measure([{ ...six, leaseStart: undefined }]), [['2001:db8:abcd::/64', 4n, 253n]]);
  t.same(measure([subnet('2001:db8:abcd::/56', { gateway: '2001:db8:abcd::1' })]), [
    ['2001:db8:abcd::/56', 2n, (1n << 72n) - 2n],
  ]);
});

t.test('what host-local gives to no container is in use', async (t) => {
  t.same(measure([]), []);
  t.same(measure([subnet('10.1.0.0/24', {})]), [['10.1.0.0/24', 3n, 253n]], 'the first address without a gateway');
  t.same(measure([subnet('10.1.0.0/24', { gateway: '10.1.0.9', reserved: ['10.1.0.9'] })]), [
    ['10.1.0.0/24', 3n, 253n],
  ]);
  t.same(
    measure([subnet('10.1.0.0/24', {})], ['10.2.0.1', 'fd00::1']),
    [['10.1.0.0/24', 3n, 253n]],
    'leases elsewhere',
  );
  t.same(measure([subnet('10.1.0.0/31', {})]), [['10.1.0.0/31', 1n, 0n]], 'a prefix that host-local refuses');
  t.same(measure([subnet('fd00::/127', {})]), [['fd00::/127', 2n, 0n]]);
  t.same(
    measure([
      subnet('10.1.0.0/24', { gateway: '10.1.0.1', range: ['10.1.0.10', '10.1.0.19'] }),
      subnet('fd00::/64', { gateway: 'fd00::1', range: ['fd00::10', 'fd00::1f'] }),
      subnet('10.1.0.0/24', { gateway: '10.1.0.2', range: ['10.1.0.30', '10.1.0.39'] }),
    ]),
    [
      ['10.1.0.0/24', 4n, 20n],
      ['fd00::/64', 2n, 16n],
    ],
    'two ranges of one prefix',
  );
});

t.test('without a lease range the two numbers share all addresses of the subnet', async () => {
  const octet = fc.integer({ min: 0, max: 31 }).map((host) => `10.1.0.${host}`);
  fc.assert(
    fc.property(
      fc.option(octet, { nil: undefined }),
      fc.array(octet, { maxLength: 4 }),
      fc.array(octet, { maxLength: 12 }),
      (gateway, reserved, leases) => {
        const [only] = measure([subnet('10.1.0.0/27', { ...(gateway && { gateway }), reserved })], leases);
        assert.equal(BigInt(only?.[1] ?? 0) + BigInt(only?.[2] ?? 0), 32n);
      },
    ),
  );
});
