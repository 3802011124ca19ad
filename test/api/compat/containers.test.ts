import t from 'tap';
import { writeContainers } from '../../../src/api/compat/containers.js';
import { endpointId } from '../../../src/model/names.js';
import type { Attachment } from '../../../src/model/attachment.js';
import { address } from '../../support/addresses.js';

const attachment = (more: Partial<Attachment>): Attachment => ({
  networkName: 'web',
  containerId: 'c0ffee',
  containerName: undefined,
  ifName: 'eth0',
  netns: undefined,
  macAddress: undefined,
  addresses: [],
  aliases: [],
  portMappings: [],
  ...more,
});

t.test('every member, of both families', async (t) => {
  const dual = attachment({
    containerName: 'front',
    macAddress: '6a:5e:09:0b:5c:e4',
    addresses: [
      { address: address('fd00::2'), prefixBits: 64, gateway: address('fd00::1') },
      { address: address('10.1.0.2'), prefixBits: 24, gateway: undefined },
      { address: address('10.1.0.3'), prefixBits: 24, gateway: undefined },
    ],
  });
  t.strictSame(
    { ...writeContainers([dual]) },
    {
      c0ffee: {
        Name: 'front',
        EndpointID: endpointId(dual),
        MacAddress: '6a:5e:09:0b:5c:e4',
        IPv4Address: '10.1.0.2/24',
        IPv6Address: 'fd00::2/64',
      },
    },
  );
  t.match(endpointId(dual), /^[0-9a-f]{64}$/);
});

t.test('unknown members are empty, and an id may be the name of a member of every object', async (t) => {
  const bare = writeContainers([attachment({ containerId: '__proto__' })]);
  t.strictSame(Object.keys(bare), ['__proto__']);
  t.match(bare['__proto__'], { Name: '__proto__', MacAddress: '', IPv4Address: '', IPv6Address: '' });
});

t.test('a container is on a network once, by its first interface', async (t) => {
  const [first, second] = [attachment({ ifName: 'eth0' }), attachment({ ifName: 'eth1' })];
  for (const order of [
    [first, second],
    [second, first],
  ]) {
    t.match(writeContainers(order), { c0ffee: { EndpointID: endpointId(first) } });
  }
  t.not(endpointId(first), endpointId(second));
});
