import t from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import { DecodeError } from '../../../src/cni/conflist/file-fault.js';
import { bounds } from '../../../src/model/bounds.js';

const range = (number: number) => [{ subnet: `${11 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}.0/24` }];
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const record = (count: number) => Object.fromEntries(times(count, (index) => [`k${index}`, 'v']));

function decode(ipam: object, args: object = {}, more: readonly object[] = []) {
  const plugins = [{ type: 'bridge', bridge: 'br0', isGateway: true, ipam: { type: 'host-local', ...ipam } }, ...more];
  return decodeFile(JSON.stringify({ cniVersion: '0.4.0', name: 'web', args, plugins }), true, 0n);
}

/** One of each kind beyond its bound. */
const beyond: readonly (readonly [
  place: string,
  count: number,
  ipam: object,
  args?: object,
  more?: readonly object[],
])[] = [
  ['ipam.ranges: the subnets', bounds.subnets, { ranges: times(bounds.subnets + 1, range) }],
  ['ipam.ranges', bounds.leaseRanges, { ranges: [times(bounds.leaseRanges + 1, () => range(0)).flat()] }],
  ['ipam.routes', bounds.routes + 2, { routes: times(bounds.routes + 3, () => ({ dst: '0.0.0.0/0' })) }],
  ['args.podman_labels', bounds.labels, {}, { podman_labels: record(bounds.labels + 1) }],
  ['args.podman_options', bounds.options, {}, { podman_options: record(bounds.options + 1) }],
  ['args.podnetd_docker_options', bounds.options, {}, { podnetd_docker_options: record(bounds.options + 1) }],
  ['args.podnetd_docker_pools', bounds.subnets, {}, { podnetd_docker_pools: record(bounds.subnets + 1) }],
  [
    'args.podnetd_docker_auxiliary_addresses',
    bounds.auxiliaryAddresses,
    {},
    { podnetd_docker_auxiliary_addresses: { a: record(bounds.auxiliaryAddresses), b: record(1) } },
  ],
  ['plugins', bounds.plugins, {}, {}, times(bounds.plugins, () => ({ type: 'tuning' }))],
];

t.test(
  'a file with more of something than a network may have is a problem, and takes its names all the same',
  async (t) => {
    for (const [place, bound, ipam, args, more] of beyond) {
      const { network, problem, name, bridges } = decode(ipam, args, more);
      t.equal(network, undefined, place);
      t.equal(problem?.reason, `${place} has ${bound + 1} entries, at most ${bound} are allowed: leave some out`);
      t.strictSame({ name, bridges }, { name: 'web', bridges: ['br0'] }, 'name and bridge are taken');
    }
    t.equal(
      decode({ ranges: times(bounds.subnets + 1, range) }).prefixes.length,
      bounds.subnets + 1,
      'every prefix is taken',
    );
  },
);

t.test('at the bound it is a network', async (t) => {
  const labels = record(bounds.labels);
  const { network, problem } = decode({ ranges: times(bounds.subnets, range) }, { podman_labels: labels });
  t.equal(problem, undefined);
  t.equal(network?.subnets.length, bounds.subnets);
  t.equal(network?.labels.size, bounds.labels);
});

t.test('of more prefixes than a host has, the first are taken', async (t) => {
  const { prefixes, problem } = decode({ ranges: times(20_000, range) });
  t.match(problem?.reason, 'ipam.ranges has 20000 entries');
  t.equal(prefixes.length, bounds.takenPrefixes);
});

t.test('each prefix is taken once, however many pieces of it are leased', async (t) => {
  const pieces = times(100, (index) => ({
    subnet: '10.1.0.0/16',
    rangeStart: `10.1.${index}.1`,
    rangeEnd: `10.1.${index}.9`,
  }));
  t.equal(decode({ ranges: [pieces] }).prefixes.length, 1);
});

t.test('a file of more values than are read is not parsed', async (t) => {
  const reason = `error parsing configuration list: it has 200002 values, at most ${bounds.fileValues} are read`;
  const text = `{"name":"web","plugins":[${times(200_000, () => '{}').join(',')}]}`;
  t.throws(() => decodeFile(text, true, 0n), new DecodeError(reason));
});
