import t from 'tap';
import { missing } from '../support/tools.js';
import { makeUserMachine } from '../support/user-machine.js';
import { startUserDaemon } from './user-daemon.js';
import { readGreeting, serveGreeting, startContainer, writeContainersConf } from './user-service.js';

const skip = missing(...'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables'.split(' '));

t.test('podnetd runs the slirp4netns of containers.conf, with its options', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  const copy = `${machine.runtimeDir}/my-slirp4netns`;
  await machine.must('cp', ['/usr/bin/slirp4netns', copy]);
  const options = [
    'cidr=10.41.7.0/24',
    'mtu=1400',
    'enable_ipv6=false',
    'allow_host_loopback=true',
    'outbound_addr=127.0.0.1',
  ];
  const engine = [`network_cmd_path = "${copy}"`, `network_cmd_options = ${JSON.stringify(options)}`].join('\n');
  writeContainersConf(machine, engine, 'default_subnet_pools = [{ base = "10.41.6.0/23", size = 24 }]');
  const daemon = await startUserDaemon(machine);
  const one = await startContainer(machine);
  await serveGreeting(machine, one, 80);
  await serveGreeting(machine, undefined, 18_081);
  const create = async (name: string) => await daemon.ask('POST', '/v4.3.1/libpod/networks/create', { name });
  t.match((await create('web')).json(), { subnets: [{ subnet: '10.41.6.0/24' }] });
  t.equal((await create('other')).status, 409, 'its prefix is not free');

  const body = { container: `/proc/${one}/ns/net`, port_mappings: [{ host_port: 18_080, container_port: 80 }] };
  const connected = await daemon.ask('POST', '/podnetd/v1/networks/web/connect', body);
  t.equal(connected.status, 200, connected.text);
  const commands = [...machine.processes().values()];
  t.match(
    commands.find((command) => command.startsWith(copy)),
    new RegExp(
      `^${copy} --mtu=1400 --enable-sandbox --enable-seccomp --cidr=10\\.41\\.7\\.0/24 --outbound-addr=127\\.0\\.0\\.1 --configure `,
    ),
  );
  const keeper = [...machine.processes()].find(([, command]) => command === 'sleep infinity')?.[0] ?? 0;
  const inside = ['--target', String(keeper), '--user', '--mount', '--net', '--preserve-credentials', '--'];
  t.match(
    await machine.must('nsenter', [...inside, 'ip', '-4', 'address', 'show', 'tap0']),
    / mtu 1400 [^]* 10\.41\.7\.100\/24 /,
  );
  t.equal(await machine.must('nsenter', [...inside, 'cat', '/etc/resolv.conf']), 'nameserver 10.41.7.3\n');
  t.match(await readGreeting(machine, undefined, '127.0.0.1', 18_080), /^hello /, 'a port of the host');
  t.equal(await readGreeting(machine, one, '10.41.7.2', 18_081), 'hello 127.0.0.1', 'the host');
  const disconnected = await daemon.ask('POST', '/networks/web/disconnect', { Container: `/proc/${one}/ns/net` });
  t.equal(disconnected.status, 200);
});
