import t from 'tap';
import { mask, pool, refuseAll, v3, v4, type Refusal } from './refusals.js';

const in16 = { IP: '10.96.0.0', Mask: mask(255, 255, 0, 0) };

const nil = (place: string) => ({
  message: `subnet ip is nil: ${place} names no prefix: give it one, such as 10.91.0.0/24, or leave it out`,
  cause: 'subnet ip is nil',
});

t.test('prefixes', async (t) => {
  const refusals: Refusal[] = [];
  for (const text of [
    'junk',
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '/24',
    '10.0.0/24',
    '10.0.0.256/24',
    '010.0.0.0/8',
    '10.0.0.0/8 ',
    '10.0.0.0/255.0.0.0',
    'fd00::/129',
    'fd00::',
    '10.0.0.0/65',
    '::ffff:10.0.0.0/104',
    '::ffff:10.0.0.0/24',
    'fe80::1%eth0/64',
  ]) {
    const cause = `invalid CIDR address: ${text}`;
    refusals.push(
      { ...v4({ subnet: text }), message: `failed to decode request JSON payload: ${cause}`, cause },
      { ...pool({ Subnet: text }), message: `failed to parse subnet: ${cause}`, cause },
      { ...pool({ Subnet: '10.223.0.0/16', IPRange: text }), message: `failed to parse ip range: ${cause}`, cause },
    );
  }
  for (const subnet of ['0.0.0.0/0', '::/0']) {
    const message = `network ${subnet}'s mask is invalid`;
    refusals.push({ ...v4({ subnet }), message }, { ...pool({ Subnet: subnet }), message });
  }
  for (const subnet of ['224.0.0.0/24', 'ff00::/16']) {
    refusals.push({ ...v4({ subnet }), message: `subnet ${subnet} is a multicast range` });
  }
  refusals.push(
    { ...v4({}), ...nil('subnets[0]') },
    { ...v4({}, { subnets: [null] }), ...nil('subnets[0]') },
    { ...pool({}, { IPAM: { Config: [null] } }), ...nil('IPAM.Config[0]') },
    { ...v4({ gateway: '10.0.0.1' }), ...nil('subnets[0]') },
    { ...pool({}), ...nil('IPAM.Config[0]') },
    { ...pool({ Gateway: '10.0.0.1' }), ...nil('IPAM.Config[0]') },
    {
      ...v4({}, { subnets: [{ subnet: '10.222.0.0/16' }, { subnet: '10.222.1.0/24' }] }),
      message: 'subnet 10.222.1.0/24 overlaps 10.222.0.0/16 of the same request',
    },
  );
  await refuseAll(t, refusals);
});

const halfGiven = (member: string, given: string) => ({
  message: `network <nil>'s ip or mask cannot be empty: ${member} has ${given}: give both, or neither`,
  cause: "network <nil>'s ip or mask cannot be empty",
});

t.test('masks', async (t) => {
  const invalid = (shown: string) => ({ status: 500, message: `network ${shown}'s mask is invalid` });
  const subnet = (IP: string, Mask: unknown) => v3({ Subnet: { IP, Mask } });
  await refuseAll(t, [
    { ...subnet('10.96.0.0', mask(255, 0, 255, 0)), ...invalid('10.96.0.0/ff00ff00') },
    { ...subnet('10.96.0.0', [255, 0, 255, 0]), ...invalid('10.96.0.0/ff00ff00') },
    { ...subnet('10.96.0.0', mask(0, 0, 0, 0)), ...invalid('10.96.0.0/0') },
    { ...subnet('10.96.0.0', mask(255, 255)), ...invalid('10.96.0.0/ffff') },
    {
      ...subnet('10.96.0.0', mask(...Array.from({ length: 13 }, () => 255))),
      ...invalid(`10.96.0.0/${'ff'.repeat(13)}`),
    },
    { ...subnet('fd00::', mask(255, 255, 0, 0)), ...invalid('fd00::/ffff0000') },
    { ...subnet('10.96.0.0', null), ...halfGiven('Subnet', 'the IP 10.96.0.0 and no Mask') },
    { ...subnet('10.96.0.0', ''), ...halfGiven('Subnet', 'the IP 10.96.0.0 and no Mask') },
    { ...subnet('', mask(255, 255, 0, 0)), ...halfGiven('Subnet', 'a Mask and no IP') },
    { ...v3({ Subnet: in16, Range: { IP: '10.96.1.0' } }), ...halfGiven('Range', 'the IP 10.96.1.0 and no Mask') },
    {
      ...subnet('10.96.0.0', '!!'),
      message: 'Decode(): illegal base64 data at input byte 0: "!!"',
      cause: 'illegal base64 data at input byte 0',
    },
    {
      ...subnet('10.96.0', mask(255, 255, 0, 0)),
      message: 'Decode(): invalid IP address: 10.96.0',
      cause: 'invalid IP address: 10.96.0',
    },
    {
      ...v3({ Subnet: in16, Gateway: 'nonsense' }),
      message: 'Decode(): invalid IP address: nonsense',
      cause: 'invalid IP address: nonsense',
    },
    { ...v3({ IPv6: true }), message: 'ipv6 option requires an IPv6 --subnet to be provided' },
    { ...v3({ IPv6: true, Subnet: in16 }), message: 'ipv6 option requires an IPv6 --subnet to be provided' },
  ]);
});

t.test('gateways and ranges outside', async (t) => {
  const subnet = '10.96.0.0/16';
  const range = (start_ip: string, end_ip: string) => v4({ subnet, lease_range: { start_ip, end_ip } });
  const outside = { IP: '10.97.0.0', Mask: mask(255, 255, 255, 0) };
  const orphan = 'every ip-range or gateway must have a corresponding subnet';
  await refuseAll(t, [
    { ...v4({ subnet, gateway: '10.97.0.1' }), message: 'gateway 10.97.0.1 not in subnet 10.96.0.0/16' },
    { ...v4({ subnet, gateway: 'fd00::1' }), message: 'gateway fd00::1 not in subnet 10.96.0.0/16' },
    {
      ...v4({ subnet, gateway: '10.96.0.0' }),
      message: 'gateway 10.96.0.0 is the network address of subnet 10.96.0.0/16',
    },
    {
      ...v4({ subnet, gateway: '10.96.255.255' }),
      message: 'gateway 10.96.255.255 is the broadcast address of subnet 10.96.0.0/16',
    },
    {
      ...v4({ subnet, gateway: 'junk' }),
      message: 'failed to decode request JSON payload: invalid IP address: junk',
      cause: 'invalid IP address: junk',
    },
    { ...range('10.97.0.1', '10.97.0.9'), message: 'lease range start ip 10.97.0.1 not in subnet 10.96.0.0/16' },
    { ...range('10.96.0.1', '10.97.0.9'), message: 'lease range end ip 10.97.0.9 not in subnet 10.96.0.0/16' },
    { ...range('10.96.0.9', '10.96.0.1'), message: 'lease range start ip 10.96.0.9 is after its end ip 10.96.0.1' },
    { ...pool({ Subnet: subnet, Gateway: '10.97.0.1' }), message: 'gateway 10.97.0.1 not in subnet 10.96.0.0/16' },
    { ...pool({ Subnet: subnet, Gateway: 'junk' }), message: 'failed to parse gateway ip junk' },
    {
      ...pool({ Subnet: subnet, IPRange: '10.97.0.0/24' }),
      message: 'lease range start ip 10.97.0.1 not in subnet 10.96.0.0/16',
    },
    {
      ...v3({ Subnet: in16, Gateway: '10.97.0.1' }),
      message: 'gateway 10.97.0.1 is not in valid for subnet 10.96.0.0/16',
    },
    {
      ...v3({ Subnet: in16, Range: outside }),
      message: 'the ip range 10.97.0.0/24 does not fall within the subnet range 10.96.0.0/16',
    },
    {
      ...v3({ Subnet: in16, IPRange: outside }),
      message: 'the ip range 10.97.0.0/24 does not fall within the subnet range 10.96.0.0/16',
    },
    { ...v3({ Range: in16 }), message: orphan },
    { ...v3({ Gateway: '10.96.0.1' }), message: orphan },
  ]);
});
