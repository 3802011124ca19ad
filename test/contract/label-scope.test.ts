import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { bindDocker } from '../support/docker.js';
import { makeHost } from '../support/host.js';
import { makeNetns, removeNetns } from '../support/netns.js';
import { makeRemotePodman } from '../support/podman.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const pluginDir = '/usr/lib/cni';
const skip = missing('docker', 'podman', 'ip', 'nsenter', 'unshare', `${pluginDir}/bridge`);

t.test('a socket with a label shows containers, addresses and faults of its networks alone', { skip }, async (t) => {
  const host = await makeHost(t);
  const label = path.join(makeScratch(t), 'label.sock');
  const daemon = await startDaemon(t, {
    netns: host,
    args: ['--cni-plugin-dir', pluginDir, '--listen', `unix://${label}?role=read&label=team=x`],
  });
  // The daemon has published all its sockets by then.
  while (daemon.log().length === 0) await sleep(10);
  const look = async (url: string) => {
    const { status, text } = await ask(label, 'GET', url);
    return `${status} ${text}`;
  };
  for (const [name, team, subnet] of [
    ['web', 'x', '10.77.0.0/24'],
    ['lab', 'y', '10.78.0.0/24'],
  ]) {
    const body = { name, labels: { team }, subnets: [{ subnet }] };
    t.equal((await daemon.ask('POST', '/v4.3.1/libpod/networks/create', body)).status, 200);
  }
  const box = makeNetns(t);
  const connect = async (name: string) =>
    await daemon.ask('POST', `/podnetd/v1/networks/${name}/connect`, { container: box.name });
  t.equal((await connect('web')).status, 200);
  const looks = [
    '/podnetd/v1/attachments',
    '/podnetd/v1/networks/web/attachments',
    '/podnetd/v1/networks/web/addresses',
    '/podnetd/v1/networks/lab/attachments',
    '/podnetd/v1/networks/lab/addresses',
    '/podnetd/v1/problems',
    '/networks/web',
    '/networks/lab',
    '/v5.4.2/libpod/networks/web/json',
    '/v5.4.2/libpod/events?since=1&stream=false',
  ];
  const lookAtAll = async () => {
    const answers: Record<string, string> = {};
    for (const url of looks) answers[url] = await look(url);
    return answers;
  };
  const before = await lookAtAll();
  t.match(before['/podnetd/v1/attachments'], /^200 \[\{"network":"web"/);
  t.match(before['/podnetd/v1/networks/lab/attachments'], /^404 /);
  t.equal((await connect('lab')).status, 200);
  writeFileSync(path.join(daemon.folder, 'broken.conflist'), '{');
  t.strictSame(await lookAtAll(), before, 'a container on another network, and a broken file, change no answer');
  t.match((await daemon.ask('GET', '/podnetd/v1/attachments')).text, /"lab"/);
  t.match((await daemon.ask('GET', '/podnetd/v1/problems')).text, /broken\.conflist/);

  t.match(await bindDocker(t, label)('ls', '--format', '{{.Name}}'), { code: 0, stdout: 'web\n' });
  t.equal(await makeRemotePodman(t, label).must('network', 'ls', '--format', '{{.Name}}'), 'web\n');
  t.match((await ask(label, 'POST', '/networks/create', { Name: 'new' })).json(), { message: /has the role read/ });
  t.strictSame((await ask(label, 'GET', '/podnetd/v1/pools')).json(), {
    cause: `${label} shows networks with the label team=x alone, and this request is about all networks of the host`,
    message: `${label} shows networks with the label team=x alone, and this request is about all networks of the host`,
    remedy: 'send it to a socket without a label',
    response: 403,
  });
});

/** A host with the networks web of team x and lab of team y, and a socket for the networks of team x. */
async function startLabelled(t: Test) {
  const host = await makeHost(t);
  const label = path.join(makeScratch(t), 'label.sock');
  const daemon = await startDaemon(t, {
    netns: host,
    args: ['--cni-plugin-dir', pluginDir, '--listen', `unix://${label}?label=team=x`],
  });
  while (daemon.log().length === 0) await sleep(10);
  for (const [name, team, subnet] of [
    ['web', 'x', '10.77.0.0/24'],
    ['lab', 'y', '10.78.0.0/24'],
  ]) {
    const body = { name, labels: { team }, subnets: [{ subnet }] };
    t.equal((await daemon.ask('POST', '/v4.3.1/libpod/networks/create', body)).status, 200);
  }
  const change = async (url: string, body: unknown = {}) => await ask(label, 'POST', url, body);
  return { daemon, label, change };
}

t.test('the Docker CLI administers the networks of a label, and finds no other', { skip }, async (t) => {
  const { daemon, label } = await startLabelled(t);
  const docker = bindDocker(t, label);
  const lab = readFileSync(path.join(daemon.folder, 'lab.conflist'), 'utf8');
  t.match(await docker('create', 'new'), { code: 0 });
  t.match(await docker('inspect', '--format', '{{.Labels.team}}', 'new'), { code: 0, stdout: 'x\n' });
  t.match(await docker('ls', '--format', '{{.Name}}'), { code: 0, stdout: 'new\nweb\n' });
  t.match(await docker('inspect', 'lab'), { code: 1, stderr: /name or ID lab: network not found/ });
  t.match(await docker('rm', 'lab'), { code: 1, stderr: /lab.*not found/ });
  t.match(await docker('create', 'lab'), { code: 1, stderr: /network name lab is not available on this host/ });
  t.match(await docker('create', '--subnet', '10.78.0.0/16', 'wide'), {
    code: 1,
    stderr: /subnet 10\.78\.0\.0\/16 is not available on this host\n$/,
  });
  t.match(await docker('create', '--label', 'team=y', 'other'), {
    code: 1,
    stderr: /label team=y cannot be given: networks of this socket have the label team=x/,
  });
  t.match(await docker('rm', 'new'), { code: 0 });
  t.match(await docker('create', 'newer'), { code: 0 });
  t.match(await docker('prune', '-f'), { code: 0, stdout: /newer/ });
  t.equal(await makeRemotePodman(t, label).must('network', 'create', 'again'), 'again\n');
  t.match(readFileSync(path.join(daemon.folder, 'again.conflist'), 'utf8'), /"team": "x"/);
  t.equal(readFileSync(path.join(daemon.folder, 'lab.conflist'), 'utf8'), lab, 'the other network is as it was');
});

t.test('connects, disconnects and collections are of the networks of a label alone', { skip }, async (t) => {
  const { daemon, change } = await startLabelled(t);
  const [box, other] = [makeNetns(t, false), makeNetns(t, false)];
  const ports = (port: number) => ({ port_mappings: [{ host_port: port, container_port: 80 }] });
  const onLab = { container: other.name, ...ports(18_081) };
  t.equal((await daemon.ask('POST', '/podnetd/v1/networks/lab/connect', onLab)).status, 200);

  const refused = await change('/podnetd/v1/networks/web/connect', { container: box.name, ...ports(18_081) });
  t.equal(refused.status, 409);
  t.match(refused.json(), { message: 'port 18081/tcp of the host is not available' });
  for (const act of ['connect', 'disconnect', 'gc'])
    t.match(await change(`/podnetd/v1/networks/lab/${act}`, { container: other.name }), { status: 404 }, act);
  const forced = { Container: other.name, Force: true };
  t.match(await change('/networks/lab/disconnect', forced), { status: 404 });
  t.match(await change('/podnetd/v1/networks/web/disconnect', { container: other.name }), { status: 400 });

  const connected = await change('/podnetd/v1/networks/web/connect', { container: box.name, ...ports(18_080) });
  t.equal(connected.status, 200, connected.text);
  const same = await change('/podnetd/v1/networks/web/connect', { container: other.path });
  t.match(same.json(), { name: other.name, interface: 'eth1' }, "the container's own interfaces are avoided");
  const { container: id } = same.json() as { readonly container: string };
  t.equal((await change('/podnetd/v1/networks/web/disconnect', { container: id })).status, 204);
  t.match(
    (await change('/podnetd/v1/networks/web/connect', { container: id })).json(),
    { message: /no such container/ },
    'by its id it is known from its networks alone',
  );
  const used = await change('/podnetd/v1/networks/web/connect', { container: box.name });
  t.match(used.json(), { message: /already connected/ });

  removeNetns(box);
  removeNetns(other);
  t.match((await change('/podnetd/v1/networks/web/gc')).json(), [{ name: box.name }]);
  t.match((await daemon.ask('POST', '/podnetd/v1/networks/lab/gc')).json(), [{ name: other.name }]);
});
