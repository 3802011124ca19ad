import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { bindDocker } from '../support/docker.js';
import { makeNetns } from '../support/netns.js';
import { missing } from '../support/tools.js';
import { idOf } from './dialects.js';

const skip = missing('docker', 'ip', 'nsenter');

interface Case {
  readonly flags: readonly string[];
  /** Members that `docker network inspect` must show. */
  readonly shows: object;
}

const cases: Readonly<Record<string, Case>> = {
  plain: {
    flags: [],
    shows: { Driver: 'bridge', Scope: 'local', EnableIPv6: false, Internal: false, Options: {}, Labels: {} },
  },
  full: {
    flags: [
      '--driver',
      'bridge',
      '--subnet',
      '10.75.0.0/24',
      '--gateway',
      '10.75.0.3',
      '--ip-range',
      '10.75.0.64/26',
      '--label',
      'a=1',
      '--label',
      'b',
      '--aux-address',
      'printer=10.75.0.70',
      '--aux-address',
      'scanner=10.75.0.9',
      '--attachable',
      '--scope',
      'local',
      '--ipam-driver',
      'default',
      '--ipam-opt',
      'foo=bar',
      '--opt',
      'com.docker.network.driver.mtu=1400',
      '--opt',
      'com.docker.network.bridge.name=brfull',
    ],
    shows: {
      IPAM: {
        Driver: 'default',
        Options: { foo: 'bar' },
        Config: [
          {
            Subnet: '10.75.0.0/24',
            IPRange: '10.75.0.64/26',
            Gateway: '10.75.0.3',
            AuxiliaryAddresses: { printer: '10.75.0.70', scanner: '10.75.0.9' },
          },
        ],
      },
      Labels: { a: '1', b: '' },
      Options: { 'com.docker.network.driver.mtu': '1400', 'com.docker.network.bridge.name': 'brfull' },
    },
  },
  internal: {
    flags: ['--internal', '--subnet', '10.76.0.0/24'],
    shows: { Internal: true, IPAM: { Config: [{ Subnet: '10.76.0.0/24' }] } },
  },
  dual: {
    flags: ['--ipv6', '--subnet', 'fd00:77::/64', '--subnet', '10.77.0.0/24'],
    shows: {
      EnableIPv6: true,
      // The client sends its pools in random order.
      IPAM: {
        Config: [{ Subnet: /^(fd00:77::\/64|10\.77\.0\.0\/24)$/ }, { Subnet: /^(fd00:77::\/64|10\.77\.0\.0\/24)$/ }],
      },
    },
  },
  lan: {
    flags: ['--driver', 'macvlan', '--opt', 'parent=up0', '--subnet', '10.78.0.0/24'],
    shows: { Driver: 'macvlan', Options: { parent: 'up0' }, IPAM: { Config: [{ Subnet: '10.78.0.0/24' }] } },
  },
};

interface Shown {
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
  readonly Status?: object;
}

const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
  [['create', 'plain'], 'network name plain already used: network already exists'],
  [
    ['create', '--subnet', '10.75.0.0/25', 'x'],
    'subnet 10.75.0.0/25 is already used on the host or by another config: it overlaps 10.75.0.0/24 of network full',
  ],
  [['create', '--driver', 'nope', 'x'], 'unsupported driver nope: invalid argument'],
  [
    ['create', '--subnet', '10.79.0.0/24', '--aux-address', 'p=10.79.0.1', 'x'],
    'auxiliary address 10.79.0.1 of p is the gateway address of subnet 10.79.0.0/24',
  ],
  [['create', '--ingress', 'x'], 'Ingress true is not supported: podnetd makes networks of this host only'],
  [['create', '--config-only', 'x'], 'ConfigOnly true is not supported: podnetd makes networks of this host only'],
  [
    ['create', '--config-from', 'plain', 'x'],
    'ConfigFrom plain is not supported: podnetd makes networks of this host only',
  ],
  [['create', '--scope', 'swarm', 'x'], 'Scope swarm is not supported: podnetd makes networks of this host only'],
  [['connect', 'plain', 'c1'], 'no container with name or ID "c1" found: no such container'],
  [['disconnect', 'plain', 'c1'], 'no container with name or ID "c1" found: no such container'],
  [['connect', 'nope', 'c1'], 'unable to find network with name or ID nope: network not found'],
];

/** Names by filters, several of them with a space between. */
const lists: Readonly<Record<string, readonly string[]>> = {
  'name=l': ['dual', 'full', 'internal', 'lan', 'plain'],
  'name=^l': ['lan'],
  'name=bridge': ['bridge'],
  'label=a': ['full'],
  'label=a=1 label=b': ['full'],
  'label=a=2': [],
  'driver=macvlan': ['lan'],
  'driver=macvlan driver=bridge name=lan name=full': ['full', 'lan'],
  'type=builtin': ['bridge'],
  'type=custom': ['dual', 'full', 'internal', 'lan', 'plain'],
  'scope=local name=dual': ['dual'],
  'scope=swarm': [],
  'dangling=true': ['dual', 'full', 'internal', 'lan', 'plain'],
  'dangling=false': ['bridge'],
};

t.test('docker', { skip }, async (t) => {
  const netns = makeNetns(t);
  await netns.ip('link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'down0');
  const daemon = await startDaemon(t, { netns });
  const docker = bindDocker(t, daemon.socket);

  for (const [name, { flags, shows }] of Object.entries(cases)) {
    await t.test(`create ${name}`, async (t) => {
      const made = await docker('create', ...flags, name);
      t.equal(made.code, 0, made.stderr);
      t.match(made.stdout, /^[0-9a-f]{64}\n$/, 'prints the id');
      t.ok(existsSync(path.join(daemon.folder, `${name}.conflist`)));
      const { stdout } = await docker('inspect', name);
      t.match(JSON.parse(stdout), [{ Name: name, Id: made.stdout.trim(), ...shows }]);
      t.equal((await docker('inspect', made.stdout.trim())).stdout, stdout, 'by id the same');
    });
  }
  t.match(readFileSync(path.join(daemon.folder, 'full.conflist'), 'utf8'), '"mtu": 1400');

  for (const [args, message] of refusals) {
    await t.test(args.join(' '), async (t) => {
      const { code, stdout, stderr } = await docker(...args);
      t.equal(code, 1);
      t.equal(stdout, '');
      t.equal(stderr, `Error response from daemon: ${message}\n`);
    });
  }

  await t.test('inspect', async (t) => {
    const [plain, full] = (await docker('inspect', '-f', '{{.Name}} {{.Driver}}', 'plain', 'full')).stdout.split('\n');
    t.same([plain, full], ['plain bridge', 'full bridge']);
    t.match(JSON.parse((await docker('inspect', '-v', idOf('full').slice(0, 12))).stdout), [{ Name: 'full' }]);
    t.match(JSON.parse((await docker('inspect', 'bridge')).stdout), [
      { Name: 'bridge', Id: idOf('podman'), IPAM: { Config: [{ Subnet: '10.88.0.0/16', Gateway: '10.88.0.1' }] } },
    ]);
    const { code, stdout, stderr } = await docker('inspect', 'gone', 'plain');
    t.equal(code, 1);
    t.match(JSON.parse(stdout), [{ Name: 'plain' }]);
    t.match(stderr, /^Error response from daemon: .*network not found$/m);
  });

  await t.test('ls', async (t) => {
    const names = async (...flags: readonly string[]) =>
      (await docker('ls', '--format', '{{.Name}}', ...flags.flatMap((flag) => ['--filter', flag]))).stdout
        .split('\n')
        .filter(Boolean)
        .toSorted();
    const all = ['bridge', 'dual', 'full', 'internal', 'lan', 'plain'];
    t.same(await names(), all);
    for (const [filter, expected] of Object.entries(lists)) t.same(await names(...filter.split(' ')), expected, filter);
    t.same(await names(`id=${idOf('full')}`), ['full']);
    t.same(await names(`id=${idOf('full').slice(0, 12)}`), ['full']);
    const table = (await docker('ls', '--no-trunc', '--filter', 'name=plain')).stdout.split('\n');
    t.match(table[0], /^NETWORK ID +NAME +DRIVER +SCOPE$/);
    t.match(table[1], new RegExp(`^${idOf('plain')} +plain +bridge +local$`));
    t.equal((await docker('ls', '-q', '--filter', 'name=plain')).stdout, `${idOf('plain').slice(0, 12)}\n`);
    const { code, stderr } = await docker('ls', '--filter', 'nope=x');
    t.same([code, stderr], [1, 'Error response from daemon: invalid filter "nope"\n']);
  });

  await t.test('a subnet of a size, in each version that the client can speak', async (t) => {
    for (const version of ['1.24', '1.40', '1.44', '1.51', '1.52', '1.56']) {
      const spoken = bindDocker(t, daemon.socket, version);
      const made = await spoken('create', '--subnet', '0.0.0.0/26', 'small');
      t.equal(made.code, 0, made.stderr);
      const [shown] = JSON.parse((await spoken('inspect', 'small')).stdout) as readonly [Shown];
      const subnet = shown.IPAM.Config[0]?.Subnet ?? '';
      t.match(subnet, /\/26$/, version);
      // The client prints whatever the answer has.
      const hasStatus = ['1.52', '1.56'].includes(version);
      t.strictSame(
        shown.Status,
        hasStatus ? { IPAM: { Subnets: { [subnet]: { IPsInUse: 3, DynamicIPsAvailable: 61 } } } } : undefined,
        version,
      );
      t.match((await spoken('ls', '--filter', 'name=small', '--format', '{{.Name}}')).stdout, 'small\n');
      t.equal((await spoken('rm', 'small')).code, 0, version);
    }
  });

  await t.test('options without effect', async (t) => {
    t.equal((await docker('create', '-o', 'com.docker.network.bridge.enable_icc=false', 'icc')).code, 0);
    // The client does not show warnings; the log does.
    const told = daemon.log().filter(({ network }) => network === 'icc');
    t.match(told, [{ msg: /^"com\.docker\.network\.bridge\.enable_icc: false" has no effect/ }]);
  });

  await t.test('rm', async (t) => {
    t.same(await docker('rm', 'icc', idOf('dual'), idOf('lan').slice(0, 12)), {
      code: 0,
      stdout: `icc\n${idOf('dual')}\n${idOf('lan').slice(0, 12)}\n`,
      stderr: '',
    });
    for (const gone of ['icc', 'dual', 'lan']) t.notOk(existsSync(path.join(daemon.folder, `${gone}.conflist`)));
    const unknown = await docker('rm', 'gone', 'internal');
    t.equal(unknown.code, 1);
    t.equal(unknown.stdout, 'internal\n', 'the others are removed');
    t.match(unknown.stderr, 'unable to find network with name or ID gone: network not found');
    t.equal((await docker('rm', '-f', 'gone')).code, 0);
    for (const name of ['bridge', 'podman']) {
      const { code, stderr } = await docker('rm', name);
      t.equal(code, 1);
      t.match(stderr, 'default network podman cannot be removed');
    }
  });

  await t.test('prune', async (t) => {
    t.same(await docker('prune', '-f', '--filter', 'label=nope'), { code: 0, stdout: '', stderr: '' });
    t.same(await docker('prune', '-f', '--filter', 'until=1h'), { code: 0, stdout: '', stderr: '' });
    const labelled = await docker('prune', '-f', '--filter', 'label=a=1');
    t.equal(labelled.stdout, 'Deleted Networks:\nfull\n\n');
    const rest = await docker('prune', '-f', '--filter', 'until=2036-01-01', '--filter', 'label!=a');
    t.equal(rest.stdout, 'Deleted Networks:\nplain\n\n');
    t.same(await docker('prune', '-f'), { code: 0, stdout: '', stderr: '' });
    t.equal((await docker('ls', '--format', '{{.Name}}')).stdout, 'bridge\n');
  });
});
