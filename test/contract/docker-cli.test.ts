import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeNetns, runProgram } from '../support/netns.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const skip = missing('docker', 'ip', 'nsenter');

interface Case {
  readonly flags: readonly string[];
  /** Part of what `docker network inspect` must show. */
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
      '--opt',
      'com.docker.network.driver.mtu=1400',
    ],
    shows: {
      IPAM: { Config: [{ Subnet: '10.75.0.0/24', IPRange: '10.75.0.64/26', Gateway: '10.75.0.3' }] },
      Labels: { a: '1', b: '' },
      Options: { 'com.docker.network.driver.mtu': '1400' },
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

const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
  [['create', 'plain'], 'network name plain already used: network already exists'],
  [
    ['create', '--subnet', '10.75.0.0/25', 'x'],
    'subnet 10.75.0.0/25 is already used on the host or by another config: it overlaps 10.75.0.0/24',
  ],
  [['create', '--driver', 'nope', 'x'], 'unsupported driver nope: invalid argument'],
];

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
      t.equal((await docker('inspect', made.stdout.trim())).stdout, stdout, 'and by id');
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

  await t.test('a network that is not there', async (t) => {
    const { code, stderr } = await docker('inspect', 'gone');
    t.equal(code, 1);
    t.match(stderr, /^Error response from daemon: .*network not found$/m);
  });
});

function bindDocker(t: Test, socket: string) {
  const env = { DOCKER_CONFIG: makeScratch(t), DOCKER_HOST: '', DOCKER_CONTEXT: '' };
  return async (...args: readonly string[]) =>
    await runProgram('docker', ['-H', `unix://${socket}`, 'network', ...args], { env });
}
