import t from 'tap';
import { formatCidr, parseCidr } from '../../src/ip/cidr.js';
import { blocksIn, defaultSubnetPools } from '../../src/ip/pools.js';
import type { SubnetPool } from '../../src/ip/pools.js';

function pool(text: string, prefixBits: number): SubnetPool {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`not a prefix: ${text}`);
  return { base: parsed.cidr, prefixBits };
}

void t.test('the default pools are those of containers/common', async (test) => {
  const written = defaultSubnetPools.map(({ base, prefixBits }) => `${formatCidr(base)} ${prefixBits}`);
  test.same(written, ['10.89.0.0/16 24', '10.90.0.0/15 24', '10.92.0.0/14 24', '10.96.0.0/11 24', '10.128.0.0/9 24']);
  for (const { base } of defaultSubnetPools) test.same(parseCidr(formatCidr(base))?.cidr, base, 'no host bits');
  const blocks = defaultSubnetPools.reduce((sum, each) => sum + blocksIn(each), 0n);
  test.equal(blocks, 167n * 256n, '10.89.0.0/24 to 10.255.255.0/24');
});

void t.test('blocksIn', async (test) => {
  test.equal(blocksIn(pool('10.0.0.0/8', 8)), 1n);
  test.equal(blocksIn(pool('10.0.0.0/8', 32)), 1n << 24n);
  test.equal(blocksIn(pool('::/0', 128)), 1n << 128n);
  test.equal(blocksIn(pool('10.0.0.0/8', 7)), 0n);
  test.equal(blocksIn(pool('10.0.0.0/8', 33)), 0n);
});
