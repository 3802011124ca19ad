import t from 'tap';
import { missing } from '../support/tools.js';
import { makeUserMachine } from '../support/user-machine.js';
import { inContainer, makeUserService, readGreeting, serveGreeting, startContainer } from './user-service.js';

const skip = missing('slirp4netns', 'newuidmap', 'setpriv', 'nsenter', 'unshare', 'mkfifo', 'ip', 'iptables');

t.test('a user connects two namespaces', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  const service = makeUserService(machine, 'network_cmd_options = ["allow_host_loopback=true"]');
  const links = await machine.mustRoot('ip', ['-brief', 'address']);
  const one = await startContainer(machine);
  const two = await startContainer(machine, one);
  const [first, second] = [one, two].map((pid) => `/proc/${pid}/ns/net`) as [string, string];
  const find = (pattern: RegExp) => [...machine.processes()].find(([, command]) => pattern.test(command))?.[0] ?? 0;
  const before = [...machine.processes().keys()];
  const mounts = machine.mounts();

  await service.create('web');
  t.strictSame([...machine.processes().keys()], before, 'a network alone needs no namespace');
  t.strictSame((await service.connect('web', first)).addresses.length, 1);
  await service.connect('web', second, {
    portMappings: [{ hostPort: 18_080, containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1' }],
  });
  t.equal((await service.containers('web')).length, 2);

  const ipOf = async (pid: number) =>
    /inet ([\d.]+)\//.exec(await inContainer(machine, pid, 'ip', ['-4', 'address', 'show', 'eth0']))?.[1] ?? '';
  const address = await ipOf(two);
  await serveGreeting(machine, two, 80);
  await serveGreeting(machine, undefined, 18_081);
  const check = async (what: string) => {
    t.match(await readGreeting(machine, one, address, 80), /^hello 10\./, `${what}: each other`);
    t.equal(await readGreeting(machine, one, address.replace(/\d+$/, '1'), 1), 'ECONNREFUSED', `${what}: the gateway`);
    t.equal(await readGreeting(machine, one, '10.0.2.2', 18_081), 'hello 127.0.0.1', `${what}: the host`);
    t.match(await readGreeting(machine, undefined, '127.0.0.1', 18_080), /^hello /, `${what}: a forwarded port`);
  };
  await check('at first');
  await t.rejects(
    service.connect('web', `/proc/${await startContainer(machine)}/ns/net`),
    /netns|namespace/,
    'a namespace of another user namespace',
  );

  await service.create('extra');
  process.kill(find(/slirp4netns/), 'SIGKILL');
  await service.connect('extra', first);
  await check('after slirp4netns was killed');
  await machine.must('rm', [`${machine.runtimeDir}/netns/rootless-cni-ns`]);
  await service.disconnect('extra', first);
  await check('after the file was deleted');
  process.kill(find(/^sleep infinity/), 'SIGKILL');
  await service.connect('extra', first);
  t.equal(await ipOf(two), address, 'the address is the same');
  await check('after the namespace was gone');

  await service.disconnect('extra', first);
  await service.disconnect('web', second);
  t.equal(await readGreeting(machine, undefined, '127.0.0.1', 18_080), 'ECONNREFUSED', 'the port is closed');
  await service.disconnect('web', first);
  t.equal(find(/slirp4netns|^sleep infinity/), 0, 'no process is left');
  t.strictSame(machine.mounts(), mounts);
  t.notMatch(await inContainer(machine, one, 'ip', ['link']), /eth0/);
  t.equal(await machine.mustRoot('ip', ['-brief', 'address']), links, 'the links of the host are as they were');
  t.equal(await machine.mustRoot('find', ['/var/lib/cni', '-mindepth', '1']), '');
});
