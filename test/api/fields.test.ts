import t from 'tap';
import { leasesOf, readAddress, readCidr, readStrings, writeStrings } from '../../src/api/fields.js';
import { formatAddress, formatCidr } from '../../src/ip/cidr.js';

t.test('prefixes and addresses', async (t) => {
  t.equal(formatCidr(readCidr('subnet', '10.1.2.3/16')), '10.1.0.0/16');
  t.throws(() => readCidr('subnet', ''), { code: 'cidrInvalid', details: { field: 'subnet', text: '' } });
  t.throws(() => readCidr('subnet', '10.1.2.3'), { code: 'cidrInvalid' });
  t.throws(() => readAddress('gateway', 'x'), { code: 'addressInvalid', details: { field: 'gateway', text: 'x' } });
  t.equal(readAddress('gateway', ''), undefined);
  t.equal(readAddress('gateway', undefined), undefined);
  const address = readAddress('gateway', '::ffff:10.0.0.1');
  t.equal(address && formatAddress(address), '10.0.0.1');
});

t.test('a range leaves out its network address', async (t) => {
  const { leaseStart, leaseEnd } = leasesOf(readCidr('range', '10.1.2.128/25'));
  t.equal(leaseStart && formatAddress(leaseStart), '10.1.2.129', 'as Podman clients expand it');
  t.equal(leaseEnd && formatAddress(leaseEnd), '10.1.2.255');
  t.strictSame(leasesOf(undefined), { leaseStart: undefined, leaseEnd: undefined });
});

t.test('maps of texts take any key', async (t) => {
  const map = readStrings(JSON.parse('{"__proto__":"p","constructor":"c","b":"","10":"x"}') as Record<string, string>);
  t.strictSame(map.get('__proto__'), 'p');
  t.equal(map.size, 4);
  t.equal(readStrings(undefined).size, 0);
  t.strictSame(readStrings(writeStrings(map)), new Map([['10', 'x'], ...[...map].filter(([key]) => key !== '10')]));
});
