import Docker from 'dockerode';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { idOf } from './dialects.js';

t.test('dockerode', async (t) => {
  const daemon = await startDaemon(t);
  const docker = new Docker({ socketPath: daemon.socket });
  const namesOf = async (filters?: Readonly<Record<string, readonly string[]>>) => {
    const networks = await docker.listNetworks(filters && { filters: JSON.stringify(filters) });
    return networks.map(({ Name }) => Name).toSorted();
  };

  await t.test('create and inspect', async (t) => {
    const made = await docker.createNetwork({
      Name: 'node1',
      CheckDuplicate: true,
      Driver: 'bridge',
      Internal: false,
      Attachable: true,
      Ingress: false,
      EnableIPv6: true,
      IPAM: {
        Driver: 'default',
        Config: [
          {
            Subnet: '10.172.0.0/24',
            IPRange: '10.172.0.128/25',
            Gateway: '10.172.0.1',
            AuxiliaryAddresses: { p: '10.172.0.9' },
          },
          { Subnet: 'fd00:172::/64' },
        ],
        Options: { foo: 'bar' },
      },
      Options: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' },
      Labels: { a: '1' },
    });
    t.equal(made.id, idOf('node1'));
    t.match(await docker.getNetwork('node1').inspect(), {
      Name: 'node1',
      Id: made.id,
      Scope: 'local',
      EnableIPv6: true,
      IPAM: {
        Driver: 'default',
        Options: { foo: 'bar' },
        Config: [
          { Subnet: '10.172.0.0/24', IPRange: '10.172.0.128/25', AuxiliaryAddresses: { p: '10.172.0.9' } },
          { Subnet: 'fd00:172::/64' },
        ],
      },
      Options: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' },
      Labels: { a: '1' },
    });
    t.equal((await docker.getNetwork(made.id.slice(0, 12)).inspect()).Name, 'node1');
  });

  await t.test('list', async (t) => {
    await docker.createNetwork({ Name: 'node2' });
    t.same(await namesOf(), ['bridge', 'node1', 'node2']);
    t.same(await namesOf({ name: ['node'] }), ['node1', 'node2']);
    t.same(await namesOf({ label: ['a=1'], driver: ['bridge'] }), ['node1']);
    t.same(await namesOf({ id: [idOf('node2')] }), ['node2']);
  });

  await t.test('refusals', async (t) => {
    await t.rejects(docker.getNetwork('nope').inspect(), { statusCode: 404, message: /network not found/ });
    await t.rejects(docker.getNetwork('nope').remove(), { statusCode: 404, message: /not found/ });
    await t.rejects(docker.createNetwork({ Name: 'node1' }), { statusCode: 409, message: /already used/ });
    await t.rejects(docker.getNetwork('bridge').remove(), { statusCode: 403, message: /cannot be removed/ });
    await t.rejects(docker.getNetwork('node1').connect({ Container: 'c1' }), {
      statusCode: 404,
      message: /no such container/,
    });
    await t.rejects(docker.getNetwork('node1').disconnect({ Container: 'c1' }), {
      statusCode: 404,
      message: /no such container/,
    });
    await t.rejects(namesOf({ nope: ['x'] }), { statusCode: 500, message: /invalid filter/ });
  });

  await t.test('remove and prune', async (t) => {
    await docker.getNetwork('node1').remove();
    const nothing = await docker.pruneNetworks({ filters: JSON.stringify({ label: ['nope'] }) });
    t.same(nothing, { NetworksDeleted: [] });
    t.same(await docker.pruneNetworks(), { NetworksDeleted: ['node2'] });
    t.same(await namesOf(), ['bridge']);
  });
});
