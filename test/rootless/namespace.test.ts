import t from 'tap';
import { existsSync } from 'node:fs';
import { missing } from '../support/tools.js';
import { makeRootlessUser } from './rootless-user.js';

const skip = missing('slirp4netns', 'newuidmap', 'setpriv', 'nsenter', 'unshare', 'mkfifo', 'ip');

t.test('the namespace is made, found again, and released', { skip }, async (t) => {
  const user = await makeRootlessUser(t);
  const { machine } = user;
  const mounts = machine.mounts();
  t.equal(await user.evaluate('ns.exists()'), false);

  t.equal(await user.ensure(), 'gone');
  t.equal(await user.ensure(), 'whole', 'a later process finds it');
  const commands = [...machine.processes().values()].toSorted();
  t.match(commands[1], /^sleep infinity$/);
  t.match(
    commands[0],
    /^\/usr\/bin\/slirp4netns --disable-host-loopback --mtu=65520 --enable-sandbox --enable-seccomp --enable-ipv6 --configure /,
  );
  t.equal(commands.length, 2, 'no other process is left');
  t.ok(existsSync(machine.outside(`${machine.runtimeDir}/netns/rootless-cni-ns`)));

  const links = await user.inside('ip', ['-brief', 'address']);
  t.match(links, /^tap0 .* 10\.0\.2\.100\/24 /m);
  t.match(await user.inside('ip', ['link', 'show', 'tap0']), / mtu 65520 /);
  t.equal(await user.inside('cat', ['/etc/resolv.conf']), 'nameserver 10.0.2.3\n');

  await user.inside('touch', ['/run/xtables.lock', '/var/lib/cni/written']);
  const home = machine.outside(`${machine.runtimeDir}/rootless-cni`);
  t.ok(
    existsSync(`${home}/run/xtables.lock`) && existsSync(`${home}/var/lib/cni/written`),
    'files are in the user’s folder',
  );
  t.notOk(existsSync(machine.outside('/run/xtables.lock')) || existsSync(machine.outside('/var/lib/cni/written')));
  t.match(await user.inside('stat', ['-f', '-c', '%T', `${machine.runtimeDir}/netns/rootless-cni-ns`]), /nsfs/);

  t.equal(
    await machine.mustRoot('ip', ['-brief', 'link']).then((text) => text.split('\n').length),
    2,
    'the host has its loopback',
  );

  await user.release();
  t.strictSame([...machine.processes().values()], []);
  t.strictSame(machine.mounts(), mounts);
  t.notOk(existsSync(machine.outside(`${machine.runtimeDir}/netns/rootless-cni-ns`)));
});

t.test('a damaged namespace is repaired', { skip }, async (t) => {
  const user = await makeRootlessUser(t);
  const { machine } = user;
  const find = (pattern: RegExp) => [...machine.processes()].find(([, command]) => pattern.test(command))?.[0] ?? 0;
  const netns = machine.outside(`${machine.runtimeDir}/netns/rootless-cni-ns`);
  await user.ensure();
  const keeper = find(/^sleep/);
  await user.inside('ip', ['link', 'add', 'kept', 'type', 'bridge']);

  await t.test('slirp4netns is started again in the same namespace', async (t) => {
    process.kill(find(/slirp4netns/), 'SIGKILL');
    t.equal(await user.ensure(), 'unplugged');
    t.match(await user.inside('ip', ['-brief', 'link']), /^kept /m);
    t.match(await user.inside('ip', ['route']), /^default via 10\.0\.2\.2 dev tap0/m);
  });

  await t.test('a deleted file is mounted on again', async (t) => {
    await machine.must('rm', [`${machine.runtimeDir}/netns/rootless-cni-ns`]);
    t.equal(await user.ensure(), 'whole');
    t.ok(existsSync(netns));
    t.match(
      await user.inside('nsenter', [`--net=${machine.runtimeDir}/netns/rootless-cni-ns`, '--', 'ip', 'link']),
      / kept: /,
    );
    t.equal(find(/^sleep/), keeper);
  });

  await t.test('without its keeper slirp4netns ends by itself, and the namespace is made anew', async (t) => {
    process.kill(keeper, 'SIGKILL');
    for (let tries = 0; find(/slirp4netns/) !== 0 && tries < 500; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    t.equal(machine.processes().size, 0);
    t.equal(await user.ensure(), 'gone');
    t.notMatch(await user.inside('ip', ['-brief', 'link']), /^kept /m);
    t.equal(machine.processes().size, 2);
  });

  await t.test('after a log-out that left the files', async (t) => {
    await machine.logOut();
    t.equal(await user.ensure(), 'gone');
    t.equal(machine.processes().size, 2);
  });

  await t.test('after the loss of the state, nothing of the former namespace is left', async (t) => {
    await machine.must('rm', [`${machine.runtimeDir}/podnetd/rootless.json`]);
    t.equal(await user.ensure(), 'gone');
    t.equal(machine.processes().size, 2);
  });
});

t.test('two processes that start at once share one namespace', { skip }, async (t) => {
  const user = await makeRootlessUser(t);
  const found = await Promise.all([
    user.ensure(),
    user.ensure(),
    user.evaluate<string[]>('Promise.all([ns.ensure(), ns.ensure()])'),
  ]);
  // Until one process has settled the namespace, each one is asked to.
  t.ok(found.flat().includes('gone'));
  t.equal(user.machine.processes().size, 2);
});
