import { spawnSync } from 'node:child_process';
import path from 'node:path';
import * as fc from 'fast-check';
import t from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import { encodeConflist } from '../../../src/cni/conflist/encode.js';
import { formatAddress, formatCidr } from '../../../src/ip/cidr.js';
import { cutPieces } from '../../../src/ip/lease-pieces.js';
import type { Address } from '../../../src/model/address.js';
import type { PlannedNetwork, Subnet } from '../../../src/model/network.js';
import { planDefaultNetwork } from '../../../src/network/create/default-network.js';
import { address, cidr } from '../../support/addresses.js';
import { makeScratch } from '../../support/scratch.js';
import { missing } from '../../support/tools.js';

const hostLocal = '/usr/lib/cni/host-local';

function plan(subnet: Subnet): PlannedNetwork {
  const settings = {
    defaultNetwork: 'a',
    defaultSubnet: subnet.cidr,
  };
  return { ...planDefaultNetwork(settings), subnets: [subnet] };
}

/** Comparable: a subnet as text. */
function show({ cidr: prefix, gateway, leaseStart, leaseEnd, reserved }: Subnet): unknown {
  const text = (a: Address | undefined) => a && formatAddress(a);
  return {
    cidr: formatCidr(prefix),
    gateway: text(gateway),
    start: text(leaseStart),
    end: text(leaseEnd),
    reserved: Object.fromEntries([...reserved].map(([host, a]) => [host, text(a)])),
  };
}

const base = cidr('10.9.0.0/27');
const at = (host: number): Address => ({ family: 4, value: base.base + BigInt(host) });

const subnets = fc
  .record({
    gateway: fc.integer({ min: 1, max: 30 }),
    bounds: fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 })),
    hasStart: fc.boolean(),
    hasEnd: fc.boolean(),
    reserved: fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 }),
  })
  .map(({ gateway, bounds, hasStart, hasEnd, reserved }): Subnet => {
    const [low, high] = [Math.min(...bounds), Math.max(...bounds)];
    return {
      cidr: base,
      gateway: at(gateway),
      leaseStart: hasStart ? at(low) : undefined,
      leaseEnd: hasEnd ? at(high) : undefined,
      reserved: new Map(reserved.filter((host) => host !== gateway).map((host) => [`h${host}`, at(host)])),
    };
  });

t.test('what is cut in pieces is put together again', async () => {
  fc.assert(
    fc.property(subnets, (subnet) => {
      if (cutPieces(subnet).length === 0) return;
      const text = encodeConflist(plan(subnet));
      const again = decodeFile(text, true, 0n).network?.subnets ?? [];
      t.same(again.map(show), [show(subnet)]);
    }),
    { numRuns: 300 },
  );
});

t.test('pieces hold every address of the range but the reserved ones', async () => {
  fc.assert(
    fc.property(subnets, (subnet) => {
      const start = Number((subnet.leaseStart ?? at(1)).value - base.base);
      const end = Number((subnet.leaseEnd ?? at(30)).value - base.base);
      const reserved = new Set([...subnet.reserved.values()].map(({ value }) => Number(value - base.base)));
      const expected = hosts(start, end).filter((host) => !reserved.has(host));
      const held = cutPieces(subnet).flatMap((piece) =>
        hosts(Number((piece.start ?? at(1)).value - base.base), Number((piece.end ?? at(30)).value - base.base)),
      );
      t.same(held, expected);
    }),
    { numRuns: 300 },
  );
});

t.test('host-local leases everything but what is reserved', { skip: missing(hostLocal) }, async (t) => {
  const scratch = makeScratch(t);
  const reserved = new Map([
    ['a', address('10.9.0.2')],
    ['b', address('10.9.0.4')],
    ['c', address('10.9.0.5')],
    ['d', address('10.9.0.14')],
  ]);
  const subnet = {
    cidr: cidr('10.9.0.0/28'),
    gateway: address('10.9.0.1'),
    leaseStart: undefined,
    leaseEnd: undefined,
    reserved,
  };
  const conflist = JSON.parse(encodeConflist(plan(subnet))) as { plugins: { ipam: object }[] };
  const ipam = { ...conflist.plugins[0]?.ipam, dataDir: path.join(scratch, 'leases') };
  const input = JSON.stringify({ cniVersion: '0.4.0', name: 'a', type: 'bridge', ipam });
  const lease = (container: string) => {
    const env = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: container, CNI_NETNS: '/x', CNI_IFNAME: 'eth0', CNI_PATH: '/x' };
    const { stdout } = spawnSync(hostLocal, { input, env });
    return JSON.parse(stdout.toString()) as { ips?: { address: string }[]; msg?: string };
  };
  const leased = [3, 6, 7, 8, 9, 10, 11, 12, 13].map((host) => `10.9.0.${host}/28`);
  t.same(
    leased.map((_, index) => lease(`c${index}`).ips?.[0]?.address),
    leased,
  );
  t.match(lease('one-more').msg, /no IP addresses available/);
});

t.test('an address that an edited file gives out is not reserved', async (t) => {
  const conflist = {
    args: { podnetd_docker_auxiliary_addresses: { '10.9.0.0/24': { printer: '10.9.0.9' }, junk: 5 } },
    cniVersion: '0.4.0',
    name: 'a',
    plugins: [{ type: 'bridge', isGateway: true, ipam: { type: 'host-local', ranges: [[{ subnet: '10.9.0.0/24' }]] } }],
  };
  const [subnet] = decodeFile(JSON.stringify(conflist), true, 0n).network?.subnets ?? [];
  t.equal(subnet?.reserved.size, 0);
});

function hosts(start: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - start + 1) }, (_, index) => start + index);
}
