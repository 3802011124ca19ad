import * as fc from 'fast-check';
import t from 'tap';
import { decodeFile } from '../../../src/cni/conflist/decode.js';
import { encodeConflist } from '../../../src/cni/conflist/encode.js';
import { UnclearPlace } from '../../../src/cni/conflist/merge-change.js';
import { rewriteConflist } from '../../../src/cni/conflist/rewrite.js';
import type { ChangedFacts, Network, PlannedNetwork, Subnet } from '../../../src/model/network.js';
import { planDefaultNetwork } from '../../../src/network/create/default-network.js';
import { address, cidr } from '../../support/addresses.js';

/** A change of a file of podnetd's own is the file that podnetd would have written; in any other file the unknown stays. */

function read(text: string): Network {
  const { network, podmanShaped } = decodeFile(text, true, 0n);
  if (network === undefined || !podmanShaped) throw new Error(`no network of podnetd's: ${text}`);
  return network;
}

const rewrite = (text: string, changed: ChangedFacts) => rewriteConflist(text, read(text), changed).text;

const subnet = (prefix: string, gateway: string, more: Partial<Subnet> = {}): Subnet => ({
  cidr: cidr(prefix),
  gateway: address(gateway),
  leaseStart: undefined,
  leaseEnd: undefined,
  reserved: new Map(),
  ...more,
});
const range = { leaseStart: address('10.1.0.9'), leaseEnd: address('10.1.0.99') };
const known = [
  subnet('10.1.0.0/24', '10.1.0.1'),
  subnet('10.1.0.0/24', '10.1.0.1', range),
  subnet('10.1.0.0/24', '10.1.0.1', { ...range, reserved: new Map([['h', address('10.1.0.20')]]) }),
  subnet('10.2.0.0/16', '10.2.0.9'),
  subnet('fd00::/64', 'fd00::1'),
];
const base = planDefaultNetwork({ defaultNetwork: 'a', defaultSubnet: cidr('10.1.0.0/24') });
const texts = fc
  .dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 3 })
  .map((all) => new Map(Object.entries(all)));

const anyFacts = fc
  .record({
    labels: texts,
    dnsServers: fc.subarray([address('10.1.0.53'), address('fd00::53'), address('9.9.9.9')]),
    routes: fc.subarray([
      { destination: cidr('10.9.0.0/16'), gateway: address('10.1.0.2'), metric: 0 },
      { destination: cidr('fd09::/64'), gateway: address('fd00::2'), metric: 7 },
    ]),
    subnets: fc.uniqueArray(fc.constantFrom(...known), { minLength: 1, selector: ({ cidr: one }) => one.base }),
    dnsEnabled: fc.boolean(),
    mtu: fc.constantFrom(0, 1400, 9000),
    isolate: fc.boolean(),
    docker: fc.constantFrom(undefined, {
      options: new Map([['a', 'b']]),
      ipamOptions: undefined,
      members: new Map<string, string>(),
      pools: new Map<string, never>(),
    }),
  })
  .map(({ mtu, isolate, ...facts }) => ({
    ...facts,
    options: new Map([
      ...(mtu === 0 ? [] : [['mtu', String(mtu)] as const]),
      ...(isolate ? [['isolate', 'true'] as const] : []),
    ]),
    link: { mtu, isolate },
  }));
const anyForm = fc.record({ form: fc.constantFrom('podman3' as const, 'podman4' as const), masquerade: fc.boolean() });

function plan(
  facts: ChangedFacts & { readonly subnets: readonly Subnet[] },
  form: PlannedNetwork['form'],
  masquerade: boolean,
): PlannedNetwork {
  const ipv6Enabled = facts.subnets.some(({ cidr: { family } }) => family === 6);
  return { ...base, ...facts, form, ipv6Enabled, link: { ...base.link, ...facts.link, masquerade } };
}

t.test('a file of its own becomes the one that podnetd would write', async (t) => {
  fc.assert(
    fc.property(anyFacts, anyFacts, anyForm, (before, after, { form, masquerade }) => {
      const text = encodeConflist(plan(before, form, masquerade));
      const written = encodeConflist(plan(after, form, masquerade));
      const rewritten = rewrite(text, after);
      if (rewritten !== written) throw new Error(`${text}\nbecame ${rewritten}\nand not ${written}`);
    }),
    { numRuns: 500 },
  );
  t.pass();
});

const unknown = `{ "args" : {"other":{"n":1.0}, "podman_labels": {"team":"x", "odd": 7}},
  "cniVersion":"0.4.0","name" :"a",
\t"plugins":[{"type":"bridge","bridge":"br1","isGateway":true, "ipMasq":true ,"hairpinMode":true,
   "ipam":{"type":"host-local","dataDir":"/x", "routes":[{"dst":"0.0.0.0/0"}],"ranges":[[{"subnet":"10.1.0.0/24","gateway":"10.1.0.1", "note": 1e3}]]},
   "capabilities":{"ips":true,"more":[ 1 ]}},
  {"type":"portmap","capabilities":{"portMappings":true},"snat":false},
  {"type":"firewall","backend":"iptables"},
  {"type":"tuning","sysctl":{"net.ipv4.ip_forward":"1"}}
 ]}
`;

t.test('what podnetd does not know stays byte for byte where it stands', async (t) => {
  t.equal(
    rewrite(unknown, {
      labels: new Map([
        ['team', 'y'],
        ['tier', '1'],
      ]),
    }),
    unknown.replace('"team":"x"', '"team":"y", "tier": "1"'),
  );
  t.equal(rewrite(unknown, { labels: new Map() }), unknown.replace('"team":"x",', ''), 'a label of another type stays');
  t.equal(
    rewrite(unknown, { subnets: [subnet('10.1.0.0/24', '10.1.0.1', range)] }),
    unknown.replace(
      '"subnet":"10.1.0.0/24",',
      '"subnet":"10.1.0.0/24","rangeStart":"10.1.0.9","rangeEnd":"10.1.0.99",',
    ),
  );
  t.equal(
    rewrite(unknown, { subnets: [subnet('10.1.0.0/24', '10.1.0.1'), subnet('fd00::/64', 'fd00::1')] }),
    unknown
      .replace('{"dst":"0.0.0.0/0"}', '{"dst":"0.0.0.0/0"},{"dst":"::/0"}')
      .replace('1e3}]', '1e3}],[{"subnet":"fd00::/64","gateway":"fd00::1"}]'),
  );
  t.equal(
    rewrite(unknown, { options: new Map([['isolate', 'true']]), link: { isolate: true } }),
    unknown
      .replace('"odd": 7}', '"odd": 7}, "podman_options": {"isolate":"true"}')
      .replace('"iptables"', '"iptables","ingressPolicy":"same-bridge"'),
  );
  t.equal(
    rewrite(unknown, { dnsEnabled: true }),
    unknown.replace('"1"}}', '"1"}},\n  {"type":"dnsname","domainName":"dns.podman","capabilities":{"aliases":true}}'),
  );
  t.equal(rewrite(unknown, {}), unknown, 'without a change nothing changes');
});

t.test('a place that has another form is refused', async (t) => {
  const joint = unknown.replace('[[{"subnet"', '[[{"subnet":"10.2.0.0/16"},{"subnet"');
  t.match(rewrite(joint, { labels: new Map([['k', 'v']]) }), '"k": "v"', 'a change elsewhere is made');
  const turned = unknown.replace(
    '[{"dst":"0.0.0.0/0"}]',
    '[{"dst":"10.9.0.0/16","gw":"10.1.0.2"},{"dst":"0.0.0.0/0"}]',
  );
  t.throws(() => rewrite(turned, { routes: [] }), new UnclearPlace('plugins[0].ipam.routes'), 'another order too');
  t.throws(() => rewrite(joint, { subnets: [known[0] as Subnet] }), new UnclearPlace('plugins[0].ipam.ranges'));
});
