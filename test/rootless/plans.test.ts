import t from 'tap';
import { chain, enter, enterNetns, makeNetns, mapIds, unshareMounts } from '../../src/rootless/commands.js';
import { layOut } from '../../src/rootless/layout.js';
import { listHomeFolders, planMounts } from '../../src/rootless/mounts.js';
import { slirpAddresses } from '../../src/rootless/slirp-addresses.js';
import { mapSubordinateIds } from '../../src/rootless/subordinate-ids.js';

t.test('subordinate ids', async (t) => {
  const text = '# comment\nalice:100000:65536\nbob:200000:1000\n1001:300000:5\nbob:x:1\nbob:5:0\n';
  t.same(mapSubordinateIds(text, ['alice', '1000'], 1000), [
    { inside: 0, outside: 1000, count: 1 },
    { inside: 1, outside: 100000, count: 65536 },
  ]);
  t.same(
    mapSubordinateIds(text, ['bob', '1001'], 1001),
    [
      { inside: 0, outside: 1001, count: 1 },
      { inside: 1, outside: 200000, count: 1000 },
      { inside: 1001, outside: 300000, count: 5 },
    ],
    'by name and by id',
  );
  t.equal(mapSubordinateIds(text, ['carol', '1002'], 1002), undefined);
  t.equal(mapSubordinateIds('', ['carol'], 1002), undefined);
});

t.test('command lines', async (t) => {
  t.same(chain(enter(7, 'mount', 'net'), unshareMounts, ['bridge']), [
    ...'nsenter --target 7 --user --mount --net --preserve-credentials --'.split(' '),
    ...'unshare --mount --propagation slave -- bridge'.split(' '),
  ]);
  t.same(
    chain(enter(7), enterNetns('/run/ns'), ['true']),
    'nsenter --target 7 --user --preserve-credentials -- nsenter --net=/run/ns -- true'.split(' '),
  );
  t.same(makeNetns('/run/n s'), ['unshare', '--net=/run/n s', '--', 'true']);
  t.same(mapIds('newuidmap', 7, [{ inside: 0, outside: 1000, count: 1 }]), ['newuidmap', '7', '0', '1000', '1']);
});

t.test('mounts', async (t) => {
  const { netnsDir, home } = layOut('/run/user/1000');
  const facts = { netnsDir, home, hasRunSystemd: true, resolvConf: '/etc/resolv.conf', varTarget: '/var/lib/cni' };
  const inHome = '/run/user/1000/rootless-cni';
  t.same(planMounts(facts), [
    ['mount', '--rbind', '--make-rshared', '/run/user/1000/netns', `${inHome}/run/user/1000/netns`],
    ['mount', '--rbind', '/run/systemd', `${inHome}/run/systemd`],
    ['mount', '--bind', `${inHome}/resolv.conf`, '/etc/resolv.conf'],
    ['mount', '--bind', `${inHome}/var/lib/cni`, '/var/lib/cni'],
    ['mount', '--rbind', `${inHome}/run`, '/run'],
  ]);
  t.same(listHomeFolders(facts), [`${inHome}/var/lib/cni`, `${inHome}/run/systemd`, `${inHome}/run/user/1000/netns`]);
  t.same(
    planMounts({ ...facts, resolvConf: '/run/systemd/resolve/stub-resolv.conf' }).slice(2, 6),
    [
      ['mount', '-t', 'tmpfs', '-o', 'noexec,nosuid,nodev', 'tmpfs', `${inHome}/run/systemd/resolve`],
      ['mkdir', '-p', '--', `${inHome}/run/systemd/resolve`],
      ['touch', '--', `${inHome}/run/systemd/resolve/stub-resolv.conf`],
      ['mount', '--bind', `${inHome}/resolv.conf`, `${inHome}/run/systemd/resolve/stub-resolv.conf`],
    ],
    'a file that systemd-resolved replaces',
  );
  t.same(
    planMounts({
      netnsDir: '/tmp/x/netns',
      home: '/tmp/x/rootless-cni',
      hasRunSystemd: false,
      resolvConf: undefined,
      varTarget: '/var',
    }),
    [
      ['mount', '--bind', '/tmp/x/rootless-cni/var', '/var'],
      ['mount', '--rbind', '/tmp/x/rootless-cni/run', '/run'],
    ],
    'a folder outside of /run needs no mount of its own',
  );
});

t.test('addresses of slirp4netns', async (t) => {
  t.match(slirpAddresses(), { guest: '10.0.2.100', dns: '10.0.2.3' });
  t.match(slirpAddresses('10.41.7.9/24'), { guest: '10.41.7.100', dns: '10.41.7.3' });
});
