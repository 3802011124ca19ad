import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { missing } from '../support/tools.js';
import { makeUserMachine, type UserMachine } from '../support/user-machine.js';
import { startUserDaemon } from './user-daemon.js';
import { lookUp, startContainer, writeContainersConf } from './user-service.js';

const tools = 'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables dnsmasq /usr/lib/cni/dnsname';
const skip = missing(...tools.split(' '));

t.test('outside names are resolved by the host’s own server, wherever its resolv.conf is', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  const root = async (script: string) => await machine.mustRoot('sh', ['-ec', script]);
  // As with systemd-resolved, a link leads to a file below /run, and the server is on the host's loopback.
  await root(`
    mkdir -p /run/systemd/resolve
    printf 'nameserver 127.0.0.53\\nsearch example.org\\n' >/run/systemd/resolve/stub-resolv.conf
    chmod 644 /run/systemd/resolve/stub-resolv.conf
    touch /run/systemd/notify
    cp -a /etc /run/etc
    ln -sf ../run/systemd/resolve/stub-resolv.conf /run/etc/resolv.conf
    mount --bind /run/etc /etc`);
  await serveNames(t, machine, '127.0.0.53', 'up.example', '192.0.2.7');

  const daemon = await startUserDaemon(machine);
  const one = await startContainer(machine);
  const container = { Container: `/proc/${one}/ns/net` };
  t.equal((await daemon.ask('POST', '/networks/create', { Name: 'web' })).status, 201);
  const connected = await daemon.ask('POST', '/networks/web/connect', container);
  t.equal(connected.status, 200, connected.text);
  const inspected = (await daemon.ask('GET', '/v4.3.1/libpod/networks/web/json')).json();
  const { gateway } = (inspected as { subnets: [{ gateway: string }] }).subnets[0];
  t.equal(await lookUp(machine, one, gateway, 'up.example'), '192.0.2.7', 'from a container, through dnsmasq');

  const keeper = String([...machine.processes()].find(([, command]) => command === 'sleep infinity')?.[0]);
  const inside = ['--target', keeper, '--user', '--mount', '--preserve-credentials', '--'];
  const read = async () => await machine.must('nsenter', [...inside, 'cat', '/etc/resolv.conf']);
  t.equal(await read(), 'nameserver 10.0.2.3\n', 'plugins see the server of slirp4netns');
  t.equal(await machine.must('nsenter', [...inside, 'ls', '/run/systemd/notify']), '/run/systemd/notify\n');
  t.match(await machine.must('cat', ['/etc/resolv.conf']), /127\.0\.0\.53/, 'and the user sees the server of the host');

  await root(`
    printf 'nameserver 127.0.0.54\\n' >/run/systemd/resolve/next
    chmod 644 /run/systemd/resolve/next
    mv /run/systemd/resolve/next /run/systemd/resolve/stub-resolv.conf`);
  t.equal(await read(), 'nameserver 10.0.2.3\n', 'also when systemd-resolved replaces its file');
  t.equal((await daemon.ask('POST', '/networks/web/disconnect', container)).status, 200);
});

/** A name server of the host with one name; it ends with the test. */
async function serveNames(t: Test, machine: UserMachine, listen: string, name: string, address: string): Promise<void> {
  const [file, args] = machine.wrapRoot('dnsmasq', [
    ...'--keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --bind-interfaces --user=root --pid-file='.split(
      ' ',
    ),
    `--listen-address=${listen}`,
    `--address=/${name}/${address}`,
  ]);
  const child = spawn(file, [...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  for (let tries = 0; tries < 500; tries += 1) {
    if ((await machine.mustRoot('ss', ['-Hlun', `src ${listen}`])) !== '') return;
    await sleep(10);
  }
  throw new Error('the name server did not start');
}
