import { array, assert, integer, nat, property, tuple } from 'fast-check';
import t from 'tap';

import { HostFactsGatherer, type KernelTables } from '../../../src/network/create/host-facts.js';
import { address, cidr } from '../../support/addresses.js';

type Prefixes = KernelTables['routes'];

const prefix = (a: number, b: number, prefixBits: number) => ({ address: Uint8Array.of(a, b, 0, 0), prefixBits });

function gatherRoutes(gatherer: HostFactsGatherer, routes: Prefixes) {
  return gatherer.gather({ links: [], addresses: [], routes }).routes;
}

t.test('a prefix is in the set while any route has it', async (t) => {
  const gatherer = new HostFactsGatherer();
  const twice = [prefix(10, 1, 16), prefix(10, 1, 16), prefix(10, 2, 16)];
  t.equal(gatherRoutes(gatherer, twice).size, 2);
  const once = gatherRoutes(gatherer, twice.slice(1));
  t.ok(once.overlaps(cidr('10.1.9.0/24')));
  const without = gatherRoutes(gatherer, twice.slice(2));
  t.notOk(without.overlaps(cidr('10.1.9.0/24')));
  t.ok(once.overlaps(cidr('10.1.9.0/24')), 'an earlier set stays as it was');
});

t.test('default routes and their halves take no prefix, and addresses of any length do', async (t) => {
  const gatherer = new HostFactsGatherer();
  const halves = [prefix(0, 0, 0), prefix(0, 0, 1), prefix(128, 0, 1)];
  t.equal(gatherRoutes(gatherer, halves).size, 0);
  t.equal(gatherer.gather({ links: [], addresses: halves, routes: [] }).addresses.size, 3);
});

t.test('a long-lived gatherer returns what a new one would', async () => {
  const routes = array(
    tuple(nat(3), nat(3), integer({ min: 2, max: 24 })).map(([a, b, bits]) => prefix(10 + a, b, bits)),
    { maxLength: 12 },
  );
  assert(
    property(array(routes, { maxLength: 6 }), (tables) => {
      const gatherer = new HostFactsGatherer();
      for (const table of tables) {
        const [kept, fresh] = [gatherer, new HostFactsGatherer()].map((one) => gatherRoutes(one, table));
        t.equal(kept?.size, fresh?.size);
        for (let probe = 0; probe < 16; probe += 1) {
          const asked = cidr(`10.${probe}.0.0/18`);
          t.equal(kept?.overlaps(asked), fresh?.overlaps(asked));
        }
      }
    }),
    { numRuns: 50 },
  );
});

t.test('the facts are one object until a table or a DNS server changes', async (t) => {
  const gatherer = new HostFactsGatherer();
  const [tables, servers] = [{ links: [], addresses: [], routes: [] }, [address('10.1.0.53')]];
  const facts = gatherer.gather(tables, servers);
  t.equal(gatherer.gather({ ...tables }, servers), facts);
  for (const table of ['links', 'addresses', 'routes']) {
    t.not(gatherer.gather({ ...tables, [table]: [] }, servers), facts, table);
    t.not(gatherer.gather(tables, servers), facts);
  }
  const last = gatherer.gather(tables, servers);
  t.not(gatherer.gather(tables, [...servers]), last, 'DNS servers');
});

t.test('DNS servers are whole-length prefixes, and none are known unless they are given', async (t) => {
  const gatherer = new HostFactsGatherer();
  const tables = { links: [], addresses: [], routes: [] };
  t.equal(gatherer.gather(tables).dnsServers.size, 0);
  const { dnsServers } = gatherer.gather(tables, [address('10.1.0.53'), address('fd00::53')]);
  t.same([...dnsServers.members(cidr('0.0.0.0/0'))], [cidr('10.1.0.53/32')]);
  t.same([...dnsServers.members(cidr('::/0'))], [cidr('fd00::53/128')]);
});

t.test('the link of a prefix is the first that has it, by its masked address', async (t) => {
  const links = ['eth0', 'tun0'].map((name, index) => ({ name, kind: 'device', index }));
  const tables = {
    links,
    addresses: [{ address: Uint8Array.of(10, 1, 0, 7), prefixBits: 24, linkIndex: 0 }],
    routes: [
      { ...prefix(10, 1, 24), linkIndex: 1 },
      { ...prefix(10, 1, 24), linkIndex: 0 },
      { ...prefix(10, 2, 24), linkIndex: 9 },
    ],
  };
  const facts = new HostFactsGatherer().gather(tables);
  t.equal(facts.linkOfAddress(cidr('10.1.0.0/24')), 'eth0');
  t.equal(facts.linkOfRoute(cidr('10.1.0.0/24')), 'tun0');
  t.equal(facts.linkOfRoute(cidr('10.2.0.0/24')), undefined, 'a link that is gone has no name');
  t.equal(facts.linkOfRoute(cidr('10.3.0.0/24')), undefined);
});
