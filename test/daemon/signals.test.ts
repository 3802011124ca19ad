import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { daemonScript, startDaemon } from '../support/daemon.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { makeScratch } from '../support/scratch.js';

/** Inodes of the listening TCP sockets of this machine. source: linux net/ipv4/tcp_ipv4.c (tcp4_seq_show), state 0A */
function listeningInodes(): ReadonlySet<string> {
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  const fields = lines.map((line) => line.trim().split(/\s+/));
  return new Set(fields.filter((field) => field[3] === '0A').map((field) => field[9] ?? ''));
}

/** Whether a process listens on a TCP socket, as with an open inspector. */
function listensOnTcp(pid: number | undefined): boolean {
  const inodes = listeningInodes();
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return inodes.has(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? '-');
    } catch {
      // The process has closed the descriptor meanwhile.
      return false;
    }
  });
}

for (const signal of ['SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
  t.test(`${signal} ends the daemon in order, and opens no inspector`, async (t) => {
    const daemon = await startDaemon(t);
    const holder = await holdAsPodman(path.join(daemon.folder, 'cni.lock'));
    const waiting = daemon.ask('POST', '/networks/create', { Name: 'web' });
    await sleep(200);
    const stopped = daemon.stop(signal);
    await sleep(200);
    t.equal(daemon.process.exitCode ?? daemon.process.signalCode, null, 'the daemon waits for the request');
    t.notOk(listensOnTcp(daemon.process.pid), 'no inspector');
    await holder.release();
    t.equal((await waiting).status, 201);
    t.equal(await stopped, 0);
    t.notOk(existsSync(daemon.socket), 'the socket is gone');
    t.match(
      daemon.log().filter((line) => line['msg'] === 'stopping'),
      [{ reason: signal }],
    );
  });
}

t.test('a second signal ends the daemon at once, and its socket goes', async (t) => {
  const daemon = await startDaemon(t, { args: ['--lock-timeout', '120'] });
  const holder = await holdAsPodman(path.join(daemon.folder, 'cni.lock'));
  const waiting = daemon.ask('POST', '/networks/create', { Name: 'web' }).catch(() => 'cut');
  await sleep(200);
  const stopped = daemon.stop('SIGINT');
  await sleep(100);
  daemon.process.kill('SIGINT');
  await sleep(700);
  t.equal(daemon.process.exitCode, null, 'the daemon still waits: one Ctrl-C may come twice, also through npm');
  // A busy machine may have let the daemon see the first two late, and so this one soon after them.
  for (let tries = 0; daemon.process.exitCode === null && tries < 100; tries += 1) {
    daemon.process.kill('SIGINT');
    await sleep(100);
  }
  t.equal(await stopped, 130, 'the exit code of a shell');
  t.equal(await waiting, 'cut');
  t.notOk(existsSync(daemon.socket));
  t.match(daemon.log().at(-1), { msg: 'ended at once: what was in flight is cut', signal: 'SIGINT' });
  await holder.release();
});

for (const [how, env, args] of [
  ['--inspect', {}, ['--inspect=127.0.0.1:0']],
  ['NODE_OPTIONS', { NODE_OPTIONS: '--inspect=127.0.0.1:0' }, []],
] as const) {
  t.test(`with ${how} it does not start`, async (t) => {
    const socket = path.join(makeScratch(t), 'podnetd.sock');
    const flags = ['--listen', `unix://${socket}`, '--cni-config-dir', makeScratch(t)];
    const ended = await promisify(execFile)(process.execPath, [...args, daemonScript, ...flags], {
      env: { ...process.env, ...env },
      timeout: 10_000,
    }).catch((error: unknown) => error as { code: number; stderr: string });
    t.match(ended, { code: 2, stderr: /^podnetd: Node's inspector is open[^\n]*NODE_OPTIONS[^\n]*$/m });
    t.notOk(existsSync(socket));
  });
}
