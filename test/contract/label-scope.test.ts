import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { bindDocker } from '../support/docker.js';
import { makeHost } from '../support/host.js';
import { makeNetns } from '../support/netns.js';
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
