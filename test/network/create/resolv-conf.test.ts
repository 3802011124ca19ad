import t from 'tap';
import { formatAddress } from '../../../src/ip/cidr.js';
import { parseResolvConf } from '../../../src/network/create/resolv-conf.js';

const serversIn = (text: string) => parseResolvConf(text).servers.map(formatAddress);

t.test('servers come from the nameserver lines alone, in their order', async (t) => {
  const text = `# by hand: nameserver 10.0.0.1
search example.org
nameserver 10.0.0.2
\tnameserver\t fd00::53   # the office
nameserver 192.0.2.1;closed on Sundays
; nameserver 10.0.0.3
nameservers 10.0.0.4
options ndots:2 nameserver 10.0.0.5
nameserver 10.0.0.6`;
  t.same(serversIn(text), ['10.0.0.2', 'fd00::53', '192.0.2.1', '10.0.0.6']);
  t.same(serversIn('nameserver 10.0.0.2\r\nnameserver fe80::1%eth0\r\n'), ['10.0.0.2', 'fe80::1']);
});

t.test('lines without an address are skipped', async (t) => {
  t.same(serversIn('nameserver\nnameserver dns.example\nnameserver 10.0.0.256\nnameserver 10.0.0.7 10.0.0.8\n'), [
    '10.0.0.7',
  ]);
  t.same(serversIn(''), []);
});

t.test('servers of the loopback are of no consequence', async (t) => {
  t.same(serversIn('nameserver 127.0.0.1\nnameserver ::1\nnameserver 10.0.0.2\nnameserver ::ffff:127.0.0.1\n'), [
    '10.0.0.2',
  ]);
});

t.test('a file names systemd-resolved alone, or does not', async (t) => {
  const isAlone = (text: string) => parseResolvConf(text).namesStubAlone;
  t.ok(isAlone('nameserver 127.0.0.53\noptions edns0 trust-ad\n'));
  t.notOk(isAlone('nameserver 127.0.0.53\nnameserver 10.0.0.2\n'));
  t.notOk(
    isAlone('nameserver 127.0.0.54\n'),
    "systemd-resolved's other address passes everything on, and moby knows it not",
  );
  t.notOk(isAlone('nameserver ::7f00:35\n'), 'the same bits in IPv6');
  t.notOk(isAlone(''));
});
