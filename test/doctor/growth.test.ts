import t from 'tap';
import { makeCidr } from '../../src/ip/cidr.js';
import { checks } from '../../src/doctor/checks/all.js';
import type { Check } from '../../src/doctor/checks/check.js';
import type { Facts, LinkFacts, PluginFile } from '../../src/doctor/facts/facts.js';
import type { Attachment } from '../../src/model/attachment.js';

/** A daemon runs the checks between requests, so the steps of a check grow with the facts and not with their square. */

const fewer = 64;
const factor = 4;
/** Twice the factor, since sorting takes more than a step for each; a square of the facts takes four times the factor. */
const mostGrowth = 2 * factor;

/** Codes that one finding of a host has. */
const perHost = new Set([
  'ip-forward-off',
  'firewall-backends',
  'lock-held',
  'namespace-lost',
  'slirp-lost',
  'subuid-missing',
  'netavark-beside',
]);

t.test('no check takes a step for each pair of facts', async (t) => {
  for (const check of checks) {
    const [few, many] = [fewer, fewer * factor].map((size) => countReads(check, makeFacts(size)));
    if (few === undefined || many === undefined) return;
    t.ok(many.reads <= few.reads * mostGrowth, `${check.code}: ${few.reads} reads, and ${many.reads} of more facts`);
    if (perHost.has(check.code)) continue;
    t.equal(few.sightings, fewer, `${check.code}: each fault is seen`);
    t.equal(many.sightings, fewer * factor, `${check.code}: each fault is seen, among more`);
  }
});

function countReads(check: Check, facts: Facts): { readonly reads: number; readonly sightings: number } {
  let reads = 0;
  const seen = new WeakMap<object, unknown>();
  const watch = <T>(value: T): T => {
    if (typeof value !== 'object' || value === null || value instanceof Map || value instanceof Set) return value;
    const known = seen.get(value);
    if (known !== undefined) return known as T;
    const watched = new Proxy(value, {
      get(target, name) {
        reads += 1;
        return watch(Reflect.get(target, name) as unknown);
      },
    });
    seen.set(value, watched);
    return watched;
  };
  const { length: sightings } = check.look(watch(facts));
  return { reads, sightings };
}

/** A host on which every fault is there as often as it can be, `size` times. */
function makeFacts(size: number): Facts {
  const each = <T>(make: (index: number) => T): readonly T[] => Array.from({ length: size }, (_, index) => make(index));
  const base = (index: number) => 0x0a00_0000n + BigInt(index * 256);
  const address = (index: number, host: number) => ({ family: 4 as const, value: base(index) + BigInt(host) });
  const subnet = (index: number) => makeCidr(address(index, 0), 24);
  const attachment = (index: number, containerId: string): Attachment => ({
    networkName: `net${index}`,
    containerId,
    containerName: undefined,
    ifName: 'eth0',
    netns: `/run/netns/${containerId}`,
    macAddress: undefined,
    addresses: [{ address: address(index, 7), prefixBits: 24, gateway: undefined }],
    aliases: [],
    portMappings: [],
  });
  const link = (name: string, kind: string, more: Partial<LinkFacts> = {}): LinkFacts => ({
    name,
    kind,
    master: undefined,
    addresses: [],
    isNamed: false,
    ...more,
  });
  const at = (index: number, host: number) => ({ address: address(index, host), prefix: subnet(index) });
  const rule = (backend: 'nft' | 'legacy', table: string, text: string) => ({
    backend,
    family: 4 as const,
    table,
    text,
  });
  const stored = (index: number, driver: string) => ({
    network: {
      name: `net${index}`,
      driver,
      internal: false,
      ipamDriver: 'host-local',
      subnets: [{ cidr: subnet(index), gateway: address(index, 1) }],
    },
    foreign: false,
    conflist: {},
  });
  const network = (index: number, name = `net${index}`, driver = 'bridge') => ({
    name,
    stored: stored(index, driver),
    plugins: [{ type: 'bridge', bridge: `br${index}`, isGateway: true }],
    types: ['bridge', `missing${index}`, `old${index}`],
    cniVersion: '1.0.0',
    prefixes: [subnet(index)],
    bridges: [`br${index}`],
  });
  const facts = {
    folder: {
      path: '/etc/cni/net.d',
      networks: [
        ...each((index) => network(index)),
        ...each((index) => ({ ...network(index, `twin${index}`, 'macvlan'), types: ['macvlan'], bridges: [] })),
      ],
      problems: [
        ...each((index) => ({ path: `/f/broken${index}`, reason: 'no JSON', line: 1, isClash: false })),
        ...each((index) => ({ path: `/f/twice${index}`, reason: 'the same name', line: undefined, isClash: true })),
      ],
      leftovers: each((index) => `/f/.tmp${index}`),
    },
    plugins: {
      folders: ['/usr/lib/cni'],
      known: new Map<string, PluginFile>(
        each((index) => index).flatMap((index) => [
          [`missing${index}`, { path: undefined, versions: [] }] as const,
          [`old${index}`, { path: '/old', versions: ['0.4.0'] }] as const,
        ]),
      ),
      refusals: each((index) => ({ network: `net${index}`, plugin: 'bridge', reason: 'no disk' })),
    },
    kernel: {
      links: [
        ...each((index) => link(`br${index}`, 'bridge', { isNamed: true, addresses: [at(index, 9)] })),
        ...each((index) => link(`veth${index}`, 'veth', { master: `br${index}` })),
        ...each((index) => link(`ext${index}`, 'device', { addresses: [at(index, 3)] })),
        ...each((index) => link(`cni-podman${index + 1}`, 'bridge')),
        ...each((index) => link(`port${index}`, 'veth', { master: `cni-podman${index + 1}` })),
      ],
      routes: each((index) => ({ prefix: subnet(index), link: `ext${index}` })),
      settings: new Map([['net.ipv4.ip_forward', '0']]),
    },
    rules: [
      ...each((index) => {
        const comment = `--comment "name: \\"net${index}\\" id: \\"left${index}\\""`;
        return rule('nft', 'nat', `-A POSTROUTING -s 10.0.${index}.8/32 -m comment ${comment} -j CNI-${index}`);
      }),
      ...each((index) => {
        const comment = `--comment "dnat name: \\"net${index}\\" id: \\"left${index}\\""`;
        return rule('nft', 'nat', `-A CNI-HOSTPORT-DNAT -m comment ${comment} -j CNI-DN-${index}`);
      }),
      ...each((index) => rule('legacy', 'filter', `-A FORWARD -i br${index} -o br${index} -j DROP`)),
    ],
    attachments: {
      recorded: [
        ...each((index) => ({
          attachment: attachment(index, `gone${index}`),
          liveness: 'gone' as const,
          hostLinks: [],
        })),
        ...each((index) => ({
          attachment: attachment(index, `live${index}`),
          liveness: 'alive' as const,
          hostLinks: [],
        })),
      ],
      leased: each((index) => attachment(index, `lost${index}`)),
      intents: each((index) => ({
        work: { ...attachment(index, `dead${index}`), path: `/i/${index}`, failure: undefined },
        isHeld: false,
        hostLinks: [],
      })),
      living: new Set<string>(),
      addresses: each((index) => address(index, 7)),
    },
    dnsmasqs: each((index) => ({
      process: { pid: index, startTicks: '1' },
      network: `away${index}`,
      link: `cni-podman${index + 1}`,
    })),
    pools: each((index) => ({ base: subnet(index), prefixBits: 28, total: 16n, free: 0n })),
    heldLock: { path: '/f/cni.lock', holder: 'process 1', heldMs: 1000 },
    user: {
      hasState: true,
      isKept: false,
      isPlugged: false,
      lack: { need: 'subuid', reason: 'none', remedy: 'usermod' },
    },
    netavark: { folder: '/etc/containers/networks', networks: each((index) => `other${index}`) },
    outputs: each((index) => ({ name: `output${index}`, reason: 'ENOSPC' })),
    fleet: {
      collisions: each((index) => ({
        network: `net${index}`,
        subnet: subnet(index),
        block: subnet(index),
        owner: 'b',
      })),
      problems: (['store-unreachable', 'host-twice', 'layout', 'too-many-blocks', 'file'] as const).flatMap((code) =>
        each((index) => ({ code, reason: `reason ${index}` })),
      ),
      growing: each(subnet),
      isIndex: false,
    },
  };
  return facts as unknown as Facts;
}
