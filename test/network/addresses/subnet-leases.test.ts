import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { contains, formatAddress, formatCidr, parseAddress } from '../../../src/ip/cidr.js';
import type { Address } from '../../../src/model/address.js';
import type { Subnet } from '../../../src/model/network.js';
import { sortLeases } from '../../../src/network/addresses/subnet-leases.js';
import { address, cidr } from '../../support/addresses.js';

const base = address('10.1.0.0').value;
const at = (offset: number): Address => ({ family: 4, value: base + BigInt(offset) });

function subnet(prefix: string, more: Partial<Subnet> = {}): Subnet {
  return {
    cidr: cidr(prefix),
    gateway: undefined,
    leaseStart: undefined,
    leaseEnd: undefined,
    reserved: new Map(),
    ...more,
  };
}

const lease = (text: string) => ({ address: address(text) });

const show = (subnets: readonly Subnet[], leases: readonly string[]) => {
  const sorted = sortLeases(subnets, leases.map(lease));
  return {
    others: sorted.others.map((one) => formatAddress(one.address)),
    subnets: sorted.subnets.map(({ cidr: prefix, ranges, leases: found, total, free }) => ({
      subnet: formatCidr(prefix),
      ranges: ranges.map(({ start, end }) => `${formatAddress(start)}-${formatAddress(end)}`),
      leased: found.map((one) => formatAddress(one.address)),
      total,
      free,
    })),
  };
};

t.test('counts agree with a walk over all addresses', async () => {
  const offset = fc.integer({ min: 0, max: 31 });
  const range = fc.record({
    gateway: fc.option(offset, { nil: undefined }),
    start: fc.option(offset, { nil: undefined }),
    end: fc.option(offset, { nil: undefined }),
    reserved: fc.array(offset, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(range, { minLength: 1, maxLength: 2 }),
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
      (given, leased) => {
        const ranges = given.map(({ gateway, start, end, reserved }) =>
          subnet('10.1.0.0/27', {
            gateway: gateway === undefined ? undefined : at(gateway),
            leaseStart: start === undefined ? undefined : at(start),
            leaseEnd: end === undefined ? undefined : at(end),
            reserved: new Map(reserved.map((one) => [`host${one}`, at(one)])),
          }),
        );
        const found = sortLeases(
          ranges,
          leased.map((one) => ({ address: at(one) })),
        );
        const isGiven = (one: number) =>
          given.some(({ start = 1, end = 30, reserved }) => one >= start && one <= end && !reserved.includes(one)) &&
          !given.some(({ gateway = 1 }) => gateway === one);
        const all = Array.from({ length: 32 }, (_, one) => one).filter(isGiven);
        const [first] = found.subnets;
        assert.equal(found.subnets.length, 1);
        assert.equal(first?.total, BigInt(all.length));
        assert.equal(first.free, BigInt(all.filter((one) => !leased.includes(one)).length));
        const sorted = leased.toSorted((a, b) => a - b).map((one) => at(one).value);
        const inside = ({ value }: { readonly value: bigint }) => contains(cidr('10.1.0.0/27'), { family: 4, value });
        assert.deepEqual(
          first.leases.map((one) => one.address.value),
          sorted.filter((value) => inside({ value })),
        );
        assert.deepEqual(
          found.others.map((one) => one.address.value),
          sorted.filter((value) => !inside({ value })),
        );
      },
    ),
    { numRuns: 1_000 },
  );
});

t.test('the ranges of one prefix are one subnet, and each lease is in its own', async (t) => {
  const subnets = [
    subnet('10.1.0.0/24', { gateway: parseAddress('10.1.0.1'), leaseEnd: parseAddress('10.1.0.9') }),
    subnet('fd00:1::/64'),
    subnet('10.1.0.0/24', { gateway: parseAddress('10.1.0.1'), leaseStart: parseAddress('10.1.0.20') }),
  ];
  t.same(show(subnets, ['fd00:1::2', '10.1.0.30', '10.1.0.2', '10.1.0.15', '10.9.0.2', '192.168.0.1']), {
    others: ['10.9.0.2', '192.168.0.1'],
    subnets: [
      {
        subnet: '10.1.0.0/24',
        ranges: ['10.1.0.1-10.1.0.9', '10.1.0.20-10.1.0.254'],
        leased: ['10.1.0.2', '10.1.0.15', '10.1.0.30'],
        total: 243n,
        free: 241n,
      },
      {
        subnet: 'fd00:1::/64',
        ranges: ['fd00:1::1-fd00:1::ffff:ffff:ffff:ffff'],
        leased: ['fd00:1::2'],
        total: (1n << 64n) - 2n,
        free: (1n << 64n) - 3n,
      },
    ],
  });
});

t.test('a range whose end lies before its start has no addresses', async (t) => {
  const odd = subnet('10.1.0.0/24', { leaseStart: parseAddress('10.1.0.9'), leaseEnd: parseAddress('10.1.0.3') });
  t.match(show([odd], ['10.1.0.5']).subnets, [{ ranges: [], leased: ['10.1.0.5'], total: 0n, free: 0n }]);
});
