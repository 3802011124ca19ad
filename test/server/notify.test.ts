import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { notifyReady, notifyStopping } from '../../src/host/sockets/systemd.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { startChild } from './child.js';

const warnings: string[] = [];
const log = { warn: (_details: object, message: string): number => warnings.push(message) };

t.beforeEach(() => {
  warnings.length = 0;
});

t.test(
  'podnetd notifies the service manager of start and stop',
  { skip: missing('systemd-notify', 'systemd-socket-activate') },
  async (t) => {
    const socket = path.join(makeScratch(t), 'notify');
    // A plain read drops the descriptor of the barrier, and so acknowledges all datagrams before it.
    const manager = startChild(t, [
      'systemd-socket-activate',
      '--datagram',
      `--listen=${socket}`,
      'sh',
      '-c',
      'while dd bs=4096 count=1 status=none <&3; do echo; done',
    ]);
    while (!existsSync(socket)) await sleep(10);
    const env = { ...process.env, NOTIFY_SOCKET: socket };
    await notifyReady(log, env);
    t.equal(await manager.readLine(), 'READY=1');
    t.equal(await manager.readLine(), 'BARRIER=1');
    await notifyStopping(log, env);
    t.equal(await manager.readLine(), 'STOPPING=1');
    t.same(warnings, []);
  },
);

t.test('without a service manager no program is run', async (t) => {
  await notifyReady(log, { PATH: '' });
  await notifyStopping(log, { PATH: '', NOTIFY_SOCKET: '' });
  t.same(warnings, []);
});

t.test('a failure is logged and has no other consequence', async (t) => {
  const socket = path.join(makeScratch(t), 'nobody');
  await notifyReady(log, { ...process.env, NOTIFY_SOCKET: socket });
  await notifyStopping(log, { PATH: '', NOTIFY_SOCKET: socket });
  t.same(
    warnings,
    Array.from({ length: 2 }, () => 'the service manager could not be notified'),
  );
});
