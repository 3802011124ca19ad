import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ask } from '../support/client.js';
import { daemonScript } from '../support/daemon.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

const skip = missing('systemd-socket-activate');

t.test(
  'systemd starts the daemon at the first connection, on several sockets, and the daemon ends when idle',
  { skip },
  async (t) => {
    const scratch = makeScratch(t);
    const sockets = ['a.sock', 'b.sock'].map((name) => path.join(scratch, name));
    const folder = path.join(scratch, 'net.d');
    const conf = path.join(scratch, 'containers.conf');
    writeFileSync(conf, '');
    const args = [
      ...sockets.map((socket) => `--listen=${socket}`),
      '--fdname=podnetd:second',
      `--setenv=CONTAINERS_CONF=${conf}`,
      process.execPath,
      daemonScript,
      `--cni-config-dir=${folder}`,
      `--cni-cache-dir=${path.join(scratch, 'cni')}`,
      '--idle-timeout=1',
    ];
    const manager = spawn('systemd-socket-activate', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    manager.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(manager, 'exit');
    t.teardown(() => manager.kill('SIGKILL'));
    for (let tries = 0; !sockets.every((socket) => existsSync(socket)) && tries < 1000; tries += 1) await sleep(10);
    t.equal(output, '', 'not started yet');

    const [first = '', second = ''] = sockets;
    const created = await ask(first, 'POST', '/networks/create', { Name: 'web' });
    t.equal(created.status, 201, created.text);
    t.equal((await ask(second, 'GET', '/networks/web')).status, 200);
    t.same(readdirSync(folder).toSorted(), ['cni.lock', 'web.conflist']);

    const [code] = (await ended) as [number];
    t.equal(code, 0, 'the daemon ends when idle');
    t.ok(
      sockets.every((socket) => existsSync(socket)),
      "the manager's sockets stay",
    );
    t.match(output, /"reason":"idle"/);
  },
);
