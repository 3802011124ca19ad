import { chownSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { missing } from '../support/tools.js';
import { makeUserMachine, type UserMachine } from '../support/user-machine.js';
import { inContainer, makeUserService, readGreeting, startContainer } from './user-service.js';

const skip = missing(
  'podman',
  'crun',
  'busybox',
  'slirp4netns',
  'newuidmap',
  'setpriv',
  'nsenter',
  'unshare',
  'mkfifo',
);

t.test('beside rootless Podman', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  const engine = ['events_logger = "none"', 'cgroup_manager = "cgroupfs"', 'runtime = "crun"', 'lock_type = "file"'];
  const service = makeUserService(machine, [...engine, '[containers]', 'cgroups = "disabled"'].join('\n'));
  const rootfs = makeRootfs(machine);
  const podman = async (...args: readonly string[]) => await machine.must('podman', args);
  t.teardown(async () => await machine.run('podman', ['rm', '--force', '--all', '--time', '0']));

  await service.create('first');
  await service.create('second');
  await podman('run', '--detach', '--name', 'web', '--network', 'first', '--rootfs', rootfs, 'sleep', '1000');
  const [attached] = await service.containers('first');
  t.equal(attached?.containerName, 'web', 'Podman’s container is shown');

  await service.connect('second', 'web');
  const links = async () =>
    (await podman('exec', 'web', 'ls', '/sys/class/net')).split('\n').filter(Boolean).toSorted();
  t.strictSame(await links(), ['eth0', 'eth1', 'lo']);
  const count = [...machine.processes().values()].filter((command) => command.includes('/slirp4netns ')).length;
  t.equal(count, 1, 'the namespace of Podman is used');

  await podman('run', '--detach', '--name', 'peer', '--network', 'second', '--rootfs', rootfs, 'sleep', '1000');
  const [one, two] = await service.containers('second');
  const addressOf = (found: typeof one) => String(found?.addresses[0]?.address.value);
  t.not(addressOf(one), addressOf(two), 'both lease from the same pool');

  await service.disconnect('second', 'web');
  t.strictSame(await links(), ['eth0', 'lo']);

  // Podman removes its namespace with its last container, even if podnetd has attachments in it.
  const pause = readFileSync(machine.outside(`${machine.runtimeDir}/libpod/tmp/pause.pid`), 'utf8');
  const ours = await startContainer(machine, Number(pause));
  await service.connect('second', `/proc/${ours}/ns/net`);
  const showAddress = async () => await inContainer(machine, ours, 'ip', ['-4', '-o', 'address', 'show', 'eth0']);
  const address = /inet \S+/.exec(await showAddress())?.[0];
  await podman('rm', '--force', '--time', '0', 'peer', 'web');
  t.strictSame(await service.containers('first'), []);
  await service.connect('first', `/proc/${ours}/ns/net`);
  t.equal(/inet \S+/.exec(await showAddress())?.[0], address, 'the container of podnetd is connected again');
  t.equal(await readGreeting(machine, ours, String(address).replace(/inet (.*)\.\d+\/.*/, '$1.1'), 1), 'ECONNREFUSED');
  const left = [...machine.processes().values()].filter((command) => command.includes('slirp4netns '));
  t.equal(left.length, 1);
  for (const network of ['first', 'second']) await service.disconnect(network, `/proc/${ours}/ns/net`);
  t.strictSame(
    [...machine.processes().values()].filter((command) => /slirp4netns|^sleep infinity|dnsmasq/.test(command)),
    [],
    'nothing goes on',
  );

  await podman('run', '--detach', '--name', 'late', '--network', 'first', '--rootfs', rootfs, 'sleep', '1000');
  t.match(await service.containers('first'), [{ containerName: 'late' }], 'networks of Podman keep working');
});

function makeRootfs({ home, uid }: UserMachine): string {
  const rootfs = path.join(home, 'rootfs');
  for (const folder of ['bin', 'proc', 'sys', 'dev', 'etc', 'tmp', 'run'])
    mkdirSync(path.join(rootfs, folder), { recursive: true });
  cpSync('/usr/bin/busybox', path.join(rootfs, 'bin/busybox'));
  for (const name of ['sleep', 'ls']) symlinkSync('busybox', path.join(rootfs, 'bin', name));
  writeFileSync(path.join(home, '.config/containers/storage.conf'), '[storage]\ndriver = "vfs"\n');
  for (const made of [
    rootfs,
    ...['bin', 'proc', 'sys', 'dev', 'etc', 'tmp', 'run'].map((name) => path.join(rootfs, name)),
  ]) {
    chownSync(made, uid, uid);
  }
  return rootfs;
}
