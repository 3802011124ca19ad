import t from 'tap';
import { missing } from '../support/tools.js';
import { makeUserMachine } from '../support/user-machine.js';
import { startUserDaemon } from './user-daemon.js';
import { inContainer, startContainer, writeContainersConf } from './user-service.js';

const skip = missing(...'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables'.split(' '));

t.test('a removed network leaves no bridge to the next, in the namespace or on the host', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  const daemon = await startUserDaemon(machine);
  const one = await startContainer(machine);
  const container = { Container: `/proc/${one}/ns/net` };
  // A bridge of root has the same name as the network's.
  await machine.mustRoot('ip', ['link', 'add', 'cni-podman7', 'type', 'bridge']);
  const links = await machine.mustRoot('ip', ['-brief', 'link']);
  const must = async (method: string, url: string, body?: object) => {
    const answer = await daemon.ask(method, url, body);
    t.ok(answer.status >= 200 && answer.status < 300, `${method} ${url}: ${answer.text}`);
    return answer;
  };
  const create = async (name: string, subnet?: string) => {
    const body = { name, options: { isolate: 'true' }, ...(subnet && { subnets: [{ subnet }] }) };
    return (await must('POST', '/v4.3.1/libpod/networks/create', body)).json() as { network_interface: string };
  };
  const keeper = () => String([...machine.processes()].find(([, command]) => command === 'sleep infinity')?.[0]);
  const bridges = async () => {
    const inside = ['--target', keeper(), '--user', '--net', '--preserve-credentials', '--'];
    const text = await machine.must('nsenter', [...inside, 'ip', '-brief', 'link', 'show', 'type', 'bridge']);
    return [...text.matchAll(/^\S+/gm)].map(([name]) => name);
  };

  const rulesOf = async (bridge: string) => {
    const inside = ['--target', keeper(), '--user', '--net', '--preserve-credentials', '--'];
    const text = await machine.must('nsenter', [...inside, '/usr/sbin/iptables', '-S']);
    return text.split('\n').filter((rule) => rule.includes(` ${bridge} `)).length;
  };

  await create('kept');
  await must('POST', '/networks/kept/connect', container);
  t.match(await create('old', '10.99.1.0/24'), { network_interface: 'cni-podman2' });
  await must('POST', '/networks/old/connect', container);
  t.same(await bridges(), ['cni-podman1', 'cni-podman2']);
  await must('POST', '/networks/old/disconnect', container);
  t.same([await rulesOf('cni-podman1'), await rulesOf('cni-podman2')], [2, 2], 'rules keep isolated networks apart');
  await must('DELETE', '/networks/old');
  t.same([await rulesOf('cni-podman1'), await rulesOf('cni-podman2')], [2, 0], 'the rules go with the bridge');
  t.same(await bridges(), ['cni-podman1'], 'the bridge goes with its network');

  t.match(await create('new', '10.99.2.0/24'), { network_interface: 'cni-podman2' });
  await must('POST', '/networks/new/connect', container);
  t.match(await inContainer(machine, one, 'ip', ['-4', 'address', 'show', 'eth1']), / 10\.99\.2\.2\/24 /);
  await must('POST', '/networks/new/disconnect', container);
  await must('POST', '/networks/kept/disconnect', container);
  await must('POST', '/networks/prune');
  t.equal(await machine.mustRoot('ip', ['-brief', 'link']), links, 'links of the host are root’s');
});
