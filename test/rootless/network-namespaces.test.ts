import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { encodeCacheEntry } from '../../src/cni/attachments/cache-entry.js';
import { cacheEntry } from '../support/cache-entry.js';
import { missing } from '../support/tools.js';
import { makeUserMachine } from '../support/user-machine.js';
import { startUserDaemon } from './user-daemon.js';
import { inContainer, startContainer, writeContainersConf } from './user-service.js';

/** Namespaces that a user can reach and that no container has: the host's, and the one with the bridges. */

const tools = 'slirp4netns newuidmap setpriv nsenter unshare mkfifo ip iptables /usr/lib/cni/bridge';
const skip = missing(...tools.split(' '));

t.test('a user’s podnetd connects neither the host nor its own networks', { skip }, async (t) => {
  const machine = await makeUserMachine(t);
  writeContainersConf(machine);
  const daemon = await startUserDaemon(machine);
  const [file, args] = machine.wrap('sleep', ['1000']);
  const outside = spawn(file, [...args], { stdio: 'ignore' });
  t.teardown(() => outside.kill('SIGKILL'));
  const made = await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name: 'web', dns_enabled: false });
  t.equal(made.status, 200, made.text);
  const refuse = async (container: string, owner: RegExp) => {
    const { status, text } = await daemon.ask('POST', '/podnetd/v1/networks/web/connect', { container });
    t.match([status, text], [400, owner], container);
  };
  await refuse(`/proc/${outside.pid}/ns/net`, /is podnetd's own/);
  await refuse(`/proc/${daemon.process.pid}/ns/net`, /is podnetd's own/);
  t.notOk(
    [...machine.processes().values()].some((command) => /slirp4netns/.test(command)),
    'no slirp4netns is started for it',
  );

  const one = await startContainer(machine);
  const connected = await daemon.ask('POST', '/podnetd/v1/networks/web/connect', { container: `/proc/${one}/ns/net` });
  t.equal(connected.status, 200, connected.text);
  const keeper = [...machine.processes()].find(([, command]) => command === 'sleep infinity')?.[0] ?? 0;
  const links = await inContainer(machine, keeper, 'ip', ['-brief', 'link']);
  await refuse(`/proc/${keeper}/ns/net`, /the one that has this user's networks/);
  await refuse('rootless-cni-ns', /the one that has this user's networks/);
  await refuse(`${machine.runtimeDir}/netns/rootless-cni-ns`, /the one that has this user's networks/);
  t.equal(await inContainer(machine, keeper, 'ip', ['-brief', 'link']), links);

  // Entries with process ids that other processes have by now: one of the host, one that only root may look into, and the keeper.
  const results = path.join(machine.runtimeDir, 'rootless-cni/var/lib/cni/results');
  for (const [id, pid] of Object.entries({ c1: outside.pid, c2: process.pid, c3: keeper })) {
    const entry = cacheEntry('web', id, { netns: `/proc/${pid}/ns/net` });
    const target = path.join(results, `web-${id}-eth0`);
    await machine.must('sh', ['-c', 'printf %s "$1" >"$0"', target, encodeCacheEntry(entry)]);
  }
  const shown = await daemon.ask('GET', '/podnetd/v1/networks/web/attachments');
  t.equal((shown.json() as readonly unknown[]).length, 1, shown.text);
  const collected = await daemon.ask('POST', '/podnetd/v1/networks/web/gc');
  t.match([collected.status, collected.json()], [200, [{}, {}, {}]], collected.text);
  for (const id of ['c1', 'c2', 'c3']) t.notOk(existsSync(machine.outside(path.join(results, `web-${id}-eth0`))), id);
  t.equal(
    await inContainer(machine, keeper, 'ip', ['-brief', 'link']),
    links,
    'the connected container stays connected',
  );
});
