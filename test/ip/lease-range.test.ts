import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { formatAddress, formatCidr, lastAddress, makeCidr } from '../../src/ip/cidr.js';
import { prefixOfRange, rangeOf } from '../../src/ip/lease-range.js';
import { cidr } from '../support/addresses.js';

t.test('a range leases from the first address behind the network address to the last', async (t) => {
  const table: readonly (readonly [range: string, start: string, end: string])[] = [
    ['10.91.0.128/25', '10.91.0.129', '10.91.0.255'],
    ['10.91.0.7/32', '10.91.0.7', '10.91.0.7'],
    ['fd00::/120', 'fd00::1', 'fd00::ff'],
  ];
  for (const [range, start, end] of table) {
    const leased = rangeOf(cidr(range));
    t.same([formatAddress(leased.start), formatAddress(leased.end)], [start, end], range);
  }
});

t.test('prefixOfRange finds the range of a lease range, even with a clipped end', async () => {
  const property = fc.property(
    fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 0, max: 29 }),
    (value, subnetBits, more) => {
      const subnet = makeCidr({ family: 4, value }, subnetBits);
      const range = makeCidr({ family: 4, value }, Math.min(30, subnetBits + more));
      const { start, end } = rangeOf(range);
      const clipped = end.value === lastAddress(subnet).value ? { ...end, value: end.value - 1n } : end;
      const found = prefixOfRange(start, clipped, subnet);
      assert.equal(found && formatCidr(found), formatCidr(range));
    },
  );
  fc.assert(property, { numRuns: 1000 });
});

t.test('a lease range that fits no prefix has no range', async (t) => {
  const subnet = cidr('10.91.0.0/24');
  const [start, end] = [cidr('10.91.0.10/32'), cidr('10.91.0.20/32')].map((one) => lastAddress(one));
  t.equal(start && end && prefixOfRange(start, end, subnet), undefined);
});
