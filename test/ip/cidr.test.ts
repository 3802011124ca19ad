import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import {
  compareAddresses,
  contains,
  covers,
  firstAddress,
  isMulticast,
  lastAddress,
  makeCidr,
  networkAddress,
  overlaps,
  prefixBitsOfMask,
  smallestCover,
} from '../../src/ip/cidr.js';
import type { Address } from '../../src/model/address.js';
import { address, cidr } from '../support/addresses.js';

const ipv4 = fc.bigInt(0n, (1n << 32n) - 1n).map((value): Address => ({ family: 4, value }));
const ipv6 = fc.bigInt(0n, (1n << 128n) - 1n).map((value): Address => ({ family: 6, value }));

void t.test('a length that the family does not have is a RangeError', async (test) => {
  for (const prefixBits of [-1, 33, 1.5, Number.NaN]) {
    test.throws(() => makeCidr(address('10.0.0.1'), prefixBits), RangeError, String(prefixBits));
  }
  test.throws(() => makeCidr(address('::'), 129), RangeError);
});

void t.test('first, last and network address', async (test) => {
  const table = [
    ['10.0.0.0/24', '10.0.0.0', '10.0.0.1', '10.0.0.255'],
    ['10.0.0.7/30', '10.0.0.4', '10.0.0.5', '10.0.0.7'],
    ['10.0.0.3/31', '10.0.0.2', '10.0.0.3', '10.0.0.3'],
    ['10.0.0.3/32', '10.0.0.3', '10.0.0.3', '10.0.0.3'],
    ['255.255.255.255/32', '255.255.255.255', '255.255.255.255', '255.255.255.255'],
    ['0.0.0.0/0', '0.0.0.0', '0.0.0.1', '255.255.255.255'],
    ['fd00::5/64', 'fd00::', 'fd00::1', 'fd00::ffff:ffff:ffff:ffff'],
    ['fd00::5/128', 'fd00::5', 'fd00::5', 'fd00::5'],
    ['::/0', '::', '::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ] as const;
  for (const [text, network, first, last] of table) {
    const c = cidr(text);
    test.same([networkAddress(c), firstAddress(c), lastAddress(c)], [network, first, last].map(address), text);
  }
});

void t.test('contains', async (test) => {
  const table = [
    ['10.0.0.0/24', '10.0.0.0', true],
    ['10.0.0.0/24', '10.0.0.255', true],
    ['10.0.0.0/24', '10.0.1.0', false],
    ['10.0.0.0/24', '9.255.255.255', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['10.0.0.1/32', '10.0.0.1', true],
    ['10.0.0.1/32', '10.0.0.0', false],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '10.0.0.1', false],
    ['::/0', '::ffff:10.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['fd00::/64', 'fd00::ffff:0:0:1', true],
    ['fd00::/64', 'fd00:0:0:1::', false],
  ] as const;
  for (const [c, a, expected] of table) test.equal(contains(cidr(c), address(a)), expected, `${c} ${a}`);
});

void t.test('overlaps and covers', async (test) => {
  const table = [
    ['10.0.0.0/8', '10.1.0.0/16', true, true],
    ['10.1.0.0/16', '10.0.0.0/8', true, false],
    ['10.1.0.0/16', '10.1.0.0/16', true, true],
    ['10.0.0.0/9', '10.128.0.0/9', false, false],
    ['0.0.0.0/0', '255.255.255.255/32', true, true],
    ['0.0.0.0/0', '::/0', false, false],
    ['::/0', '0.0.0.0/0', false, false],
    ['fd00::/8', 'fd93::/64', true, true],
    ['fd00:0:0:1::/64', 'fd00::/64', false, false],
  ] as const;
  for (const [a, b, overlapping, covering] of table) {
    test.equal(overlaps(cidr(a), cidr(b)), overlapping, `${a} overlaps ${b}`);
    test.equal(overlaps(cidr(b), cidr(a)), overlapping, `${b} overlaps ${a}`);
    test.equal(covers(cidr(a), cidr(b)), covering, `${a} covers ${b}`);
  }
});

void t.test('smallestCover', async (test) => {
  const table = [
    ['10.0.0.0/24', '10.0.1.0/24', '10.0.0.0/23'],
    ['10.0.1.0/24', '10.0.2.0/24', '10.0.0.0/22'],
    ['10.0.0.0/8', '10.9.0.0/16', '10.0.0.0/8'],
    ['10.9.0.0/16', '10.0.0.0/8', '10.0.0.0/8'],
    ['10.0.0.1/32', '10.0.0.1/32', '10.0.0.1/32'],
    ['0.0.0.0/32', '255.255.255.255/32', '0.0.0.0/0'],
    ['fd00::/64', 'fd00:0:0:1::/64', 'fd00::/63'],
  ] as const;
  for (const [a, b, cover] of table) test.same(smallestCover(cidr(a), cidr(b)), cidr(cover), `${a} ${b}`);
});

void t.test('compareAddresses orders by family, then by value', async (test) => {
  const sorted = ['0.0.0.0', '9.0.0.0', '10.0.0.0', '10.0.0.1', '::', '::1', 'fd00::'].map(address);
  for (const [i, a] of sorted.entries()) {
    for (const [j, b] of sorted.entries()) test.equal(Math.sign(compareAddresses(a, b)), Math.sign(i - j), `${i} ${j}`);
  }
});

void t.test('isMulticast', async (test) => {
  const table = [
    ['224.0.0.0/4', true],
    ['239.255.255.0/24', true],
    ['224.0.0.0/3', false],
    ['223.255.255.0/24', false],
    ['240.0.0.0/4', false],
    ['0.0.0.0/0', false],
    ['ff00::/8', true],
    ['ff02::1/128', true],
    ['fe00::/7', false],
    ['fe80::/64', false],
  ] as const;
  for (const [c, expected] of table) test.equal(isMulticast(cidr(c)), expected, c);
});

void t.test('prefixBitsOfMask', async (test) => {
  for (const bytes of [4, 16]) {
    for (let bits = 0; bits <= bytes * 8; bits++) {
      const mask = Uint8Array.from(
        { length: bytes },
        (_, i) => 256 - 2 ** (8 - Math.max(0, Math.min(8, bits - i * 8))),
      );
      test.equal(prefixBitsOfMask(mask), bits, `${bits} of ${bytes * 8}`);
    }
  }
  const bad = [
    [],
    [255],
    [255, 255, 0],
    [255, 0, 255, 0],
    [255, 253, 0, 0],
    [0, 0, 0, 1],
    [127, 0, 0, 0],
    Array(5).fill(255),
  ];
  for (const mask of bad) test.equal(prefixBitsOfMask(Uint8Array.from(mask)), undefined, mask.join());
});

void t.test('a prefix contains the addresses between its first and its last', async (test) => {
  test.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), fc.nat(128), fc.bigInt(-3n, 3n), fc.boolean(), (a, n, offset, atEnd) => {
        const c = makeCidr(a, a.family === 4 ? n % 33 : n);
        const last = lastAddress(c).value;
        const value = (atEnd ? last : c.base) + offset;
        fc.pre(value >= 0n && value < 1n << (a.family === 4 ? 32n : 128n));
        assert.equal(contains(c, { family: a.family, value }), c.base <= value && value <= last);
      }),
    ),
  );
});
