import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { python, runDockerPy } from '../support/docker-py.js';
import { missing } from '../support/tools.js';
import { idOf } from './dialects.js';

const skip = missing(python);

t.test('docker-py', { skip }, async (t) => {
  const daemon = await startDaemon(t);
  const py = async (statements: string) => await runDockerPy(daemon.socket, statements);

  await t.test('create and get', async (t) => {
    const [id, name, byId, byPrefix, attrs] = await py(`
pool = IPAMPool(subnet='10.171.0.0/24', iprange='10.171.0.128/25', gateway='10.171.0.3', aux_addresses={'printer': '10.171.0.200'})
made = client.networks.create('py1', driver='bridge', ipam=IPAMConfig(pool_configs=[pool]), internal=True,
    check_duplicate=True, attachable=True, labels={'a': '1', 'b': ''}, options={'com.docker.network.driver.mtu': '1400'})
report(made.id)
report(made.name)
report(client.networks.get(made.id).name)
report(client.networks.get(made.id[:12], verbose=True, scope='local').name)
report(client.networks.get('py1').attrs)
`);
    t.equal(id, idOf('py1'));
    t.same([name, byId, byPrefix], ['py1', 'py1', 'py1']);
    t.match(attrs, {
      Driver: 'bridge',
      Internal: true,
      IPAM: {
        Driver: 'default',
        Config: [
          {
            Subnet: '10.171.0.0/24',
            IPRange: '10.171.0.128/25',
            Gateway: '10.171.0.3',
            AuxiliaryAddresses: { printer: '10.171.0.200' },
          },
        ],
      },
      Labels: { a: '1', b: '' },
      Options: { 'com.docker.network.driver.mtu': '1400' },
      Containers: {},
    });
  });

  await t.test('list', async (t) => {
    const lists = await py(`
client.networks.create('py2', labels={'b': 'x'})
for query in [{}, {'names': ['py1']}, {'ids': [client.networks.get('py2').id]}, {'filters': {'label': 'b=x'}},
              {'filters': {'driver': 'bridge', 'type': 'custom'}}, {'greedy': True, 'names': ['py2']}]:
    report(sorted(network.name for network in client.networks.list(**query)))
`);
    t.same(lists, [['bridge', 'py1', 'py2'], ['py1'], ['py2'], ['py2'], ['py1', 'py2'], ['py2']]);
  });

  await t.test("errors are of docker-py's kinds", async (t) => {
    const errors = await py(`
def refused(call):
    try:
        call()
    except docker.errors.APIError as error:
        report([type(error).__name__, error.status_code, error.explanation])
refused(lambda: client.networks.get('nope'))
refused(lambda: client.networks.create('py1', check_duplicate=True))
refused(lambda: client.networks.create('py1'))
refused(lambda: client.networks.create('x', driver='nope'))
refused(lambda: client.networks.get('bridge').remove())
refused(lambda: client.api.remove_network('nope'))
refused(lambda: client.networks.list(filters={'nope': 'x'}))
refused(lambda: client.networks.get('py1').connect('c1', aliases=['z'], ipv4_address='10.171.0.130'))
refused(lambda: client.networks.get('py1').disconnect('c1', force=True))
refused(lambda: client.api.connect_container_to_network('c1', 'nope'))
`);
    const unknown = 'unable to find network with name or ID nope: network not found';
    const used = 'network name py1 already used: network already exists';
    t.same(errors, [
      ['NotFound', 404, unknown],
      ['APIError', 409, used],
      ['APIError', 409, used],
      ['APIError', 501, 'unsupported driver nope: invalid argument'],
      ['APIError', 403, 'default network podman cannot be removed'],
      ['NotFound', 404, unknown],
      ['APIError', 500, 'invalid filter "nope"'],
      ['NotFound', 404, 'no container with name or ID "c1" found: no such container'],
      ['NotFound', 404, 'no container with name or ID "c1" found: no such container'],
      ['NotFound', 404, unknown],
    ]);
  });

  await t.test('remove and prune', async (t) => {
    const told = await py(`
client.networks.get('py1').remove()
report(client.networks.prune(filters={'label': 'nope'}))
report(client.networks.prune())
report(client.networks.prune())
report([network.name for network in client.networks.list()])
`);
    t.same(told, [{ NetworksDeleted: [] }, { NetworksDeleted: ['py2'] }, { NetworksDeleted: [] }, ['bridge']]);
  });
});
