import t from 'tap';
import { listForwards } from '../../src/host/slirp4netns/api.js';
import { missing } from '../support/tools.js';
import { makeUserMachine } from '../support/user-machine.js';
import { listRuntimeFiles, startUserDaemon } from './user-daemon.js';
import { inContainer, startContainer, writeContainersConf } from './user-service.js';

const tools = 'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables dnsmasq /usr/lib/cni/dnsname';
const skip = missing(...tools.split(' '));

t.test('many concurrent connects and disconnects, of which any may be the first or the last', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  const daemon = await startUserDaemon(machine);
  const first = await startContainer(machine);
  const containers = [first];
  for (let count = 1; count < 8; count += 1) containers.push(await startContainer(machine, first));
  const before = { processes: [...machine.processes().keys()], mounts: machine.mounts() };
  for (const Name of ['web', 'db']) t.equal((await daemon.ask('POST', '/networks/create', { Name })).status, 201);
  const act = async (action: string, network: string, pid: number) => {
    const body = { Container: `/proc/${pid}/ns/net` };
    const { status, text } = await daemon.ask('POST', `/networks/${network}/${action}`, body);
    return status === 200 ? undefined : text;
  };
  const failed = async (acts: readonly Promise<string | undefined>[]) => (await Promise.all(acts)).filter(Boolean);

  const ports = await Promise.all(
    containers.map(async (pid, index) => {
      const mapping = { host_port: 18_100 + index, container_port: 80 };
      const body = { container: `/proc/${pid}/ns/net`, port_mappings: [mapping] };
      return await daemon.ask('POST', '/podnetd/v1/networks/web/connect', body);
    }),
  );
  t.strictSame(
    ports.filter(({ status }) => status !== 200).map(({ text }) => text),
    [],
  );
  const api = machine.outside(`${machine.runtimeDir}/podnetd/slirp4netns.sock`);
  t.equal((await listForwards(api)).length, containers.length);
  const addresses = await Promise.all(
    containers.map(async (pid) => await inContainer(machine, pid, 'ip', ['-4', '-o', 'address', 'show', 'eth0'])),
  );
  t.equal(new Set(addresses.map((text) => /inet (\S+)/.exec(text)?.[1])).size, containers.length);
  t.equal([...machine.processes().values()].filter((command) => command === 'sleep infinity').length, 1);
  const half = containers.length / 2;
  t.strictSame(
    await failed([
      ...containers.slice(0, half).map(async (pid) => await act('disconnect', 'web', pid)),
      ...containers.slice(half).map(async (pid) => await act('connect', 'db', pid)),
    ]),
    [],
  );
  t.strictSame(
    await failed(containers.slice(half).flatMap((pid) => ['web', 'db'].map((name) => act('disconnect', name, pid)))),
    [],
  );
  // Each container connects and disconnects by itself, so that the namespace may end and be made again in between.
  for (let round = 0; round < 3; round += 1) {
    const alone = containers.map(
      async (pid) => (await act('connect', 'web', pid)) ?? (await act('disconnect', 'web', pid)),
    );
    t.strictSame(await failed(alone), []);
  }
  t.strictSame([...machine.processes().keys()], before.processes);
  t.strictSame(machine.mounts(), before.mounts);
  t.strictSame(await listRuntimeFiles(machine), ['podnetd/forwards.json', 'rootless-cni/resolv.conf']);
  t.equal(await machine.must('cat', [`${machine.runtimeDir}/podnetd/forwards.json`]), '{}');
});
