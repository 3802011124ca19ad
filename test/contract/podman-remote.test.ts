import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { makeNetns } from '../support/netns.js';
import { makeRemotePodman } from '../support/podman.js';
import { missing } from '../support/tools.js';

const skip = missing('podman', 'ip', 'nsenter');

interface Case {
  /** Arguments of `network create`, before the name. */
  readonly flags: readonly string[];
  /** Members that `network inspect` must show. */
  readonly shows: object;
  /** Texts that the file must have. */
  readonly writes: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  plain: {
    flags: [],
    shows: { driver: 'bridge', dns_enabled: true, internal: false, ipv6_enabled: false },
    writes: ['"isGateway": true', '"type": "dnsname"'],
  },
  full: {
    flags: [
      '--driver',
      'bridge',
      '--subnet',
      '10.71.0.0/24',
      '--gateway',
      '10.71.0.3',
      '--ip-range',
      '10.71.0.64/26',
      '--label',
      'a=1',
      '--label',
      'b',
      '--opt',
      'mtu=1400',
      '--opt',
      'vlan=7',
      '--opt',
      'isolate=true',
      '--disable-dns',
    ],
    shows: {
      driver: 'bridge',
      subnets: [
        {
          subnet: '10.71.0.0/24',
          gateway: '10.71.0.3',
          lease_range: { start_ip: '10.71.0.65', end_ip: '10.71.0.127' },
        },
      ],
      labels: { a: '1', b: '' },
      options: { mtu: '1400', vlan: '7', isolate: 'true' },
      dns_enabled: false,
    },
    writes: ['"mtu": 1400', '"vlan": 7', '"ingressPolicy": "same-bridge"', '"rangeStart": "10.71.0.65"'],
  },
  internal: {
    flags: ['--internal', '--subnet', '10.72.0.0/24'],
    shows: { internal: true, dns_enabled: false, subnets: [{ subnet: '10.72.0.0/24' }] },
    writes: ['"isGateway": false'],
  },
  dual: {
    flags: ['--ipv6', '--subnet', 'fd00:73::/64', '--gateway', 'fd00:73::9'],
    shows: {
      ipv6_enabled: true,
      subnets: [{ subnet: 'fd00:73::/64', gateway: 'fd00:73::9' }, { subnet: /^10\..*\/24$/ }],
    },
    writes: ['"dst": "::/0"', '"dst": "0.0.0.0/0"'],
  },
  lan: {
    flags: ['--driver', 'macvlan', '--opt', 'parent=up0', '--subnet', '10.74.0.0/24', '--opt', 'mode=bridge'],
    shows: { driver: 'macvlan', network_interface: 'up0', subnets: [{ subnet: '10.74.0.0/24', gateway: '10.74.0.1' }] },
    writes: ['"master": "up0"', '"type": "host-local"'],
  },
  leased: {
    flags: ['--driver', 'macvlan', '--opt', 'parent=up0'],
    shows: { driver: 'macvlan', ipam_options: { driver: 'dhcp' } },
    writes: ['"type": "dhcp"'],
  },
};

const refusals: readonly (readonly [args: readonly string[], message: string])[] = [
  [['create', 'plain'], 'network name plain already used: network already exists'],
  [
    ['create', '--subnet', '10.71.0.128/25', 'x'],
    'subnet 10.71.0.128/25 is already used on the host or by another config: it overlaps 10.71.0.0/24 of network full',
  ],
  [['create', '--driver', 'nope', 'x'], 'unsupported driver nope: invalid argument'],
  [['create', '--opt', 'mtu=abc', 'x'], 'strconv.Atoi: parsing "abc": invalid syntax: mtu must be a whole number'],
  [['create', '--driver', 'macvlan', '--opt', 'parent=gone0', 'x'], 'parent interface gone0 does not exist'],
  [['create', 'bridge'], 'cannot create network with name "bridge" because it conflicts with a valid network mode'],
];

t.test('podman --remote', { skip }, async (t) => {
  const netns = makeNetns(t);
  await netns.ip('link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'down0');
  const daemon = await startDaemon(t, { netns });
  const podman = makeRemotePodman(t, daemon.socket);

  for (const [name, { flags, shows, writes }] of Object.entries(cases)) {
    await t.test(`create ${name}`, async (t) => {
      const made = await podman.run('network', 'create', ...flags, name);
      t.equal(made.code, 0, made.stderr);
      t.equal(made.stdout, `${name}\n`);
      const seen = JSON.parse(await podman.must('network', 'inspect', name)) as readonly unknown[];
      t.match(seen, [{ name, ...shows }]);
      const text = readFileSync(path.join(daemon.folder, `${name}.conflist`), 'utf8');
      for (const part of writes) t.match(text, new RegExp(part));
    });
  }

  for (const [args, message] of refusals) {
    await t.test(args.join(' '), async (t) => {
      const { code, stdout, stderr } = await podman.run('network', ...args);
      t.equal(code, 125);
      t.equal(stdout, '');
      t.equal(stderr, `Error: ${message}\n`);
    });
  }

  await t.test('a missing network', async (t) => {
    const { code, stderr } = await podman.run('network', 'inspect', 'gone');
    t.equal(code, 125);
    t.match(stderr, 'network not found');
  });
});
