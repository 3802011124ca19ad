import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../support/daemon.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { runAmongMounts, withOwnMounts } from '../support/mount-space.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** A folder with empty programs that have the names of plugins; podnetd runs none of them. */
function makePlugins(folder: string): string {
  mkdirSync(folder);
  for (const plugin of ['bridge', 'host-local', 'portmap', 'firewall', 'tuning'])
    writeFileSync(path.join(folder, plugin), '', { mode: 0o755 });
  return folder;
}

t.test('ready reports each missing part by itself, and a ping is answered', async (t) => {
  const plugins = makePlugins(path.join(makeScratch(t), 'plugins'));
  const daemon = await startDaemon(t, { args: ['--cni-plugin-dir', plugins, '--lock-timeout', '5'] });
  const ready = async (query = '') => {
    const { status, json } = await daemon.ask('GET', `/podnetd/v1/ready${query}`);
    return { status, ...(json() as { checked?: readonly string[]; message?: string }) };
  };
  t.same(await ready(), { status: 200, checked: ['folder', 'lock', 'plugins', 'socket'] });

  rmSync(path.join(plugins, 'portmap'));
  rmSync(path.join(plugins, 'tuning'));
  t.match(await ready(), {
    status: 503,
    message: /^not ready: plugins: no portmap, tuning in the plugin folders: .*--cni-plugin-dir$/,
  });
  t.same(await ready('?exclude=plugins'), { status: 200, checked: ['folder', 'lock', 'socket'] });

  rmSync(daemon.folder, { recursive: true });
  t.equal((await ready('?exclude=plugins')).status, 200, 'podnetd makes the folder, as for a create');
  rmSync(daemon.folder, { recursive: true });
  writeFileSync(daemon.folder, '');
  const reason = 'ENOTDIR: not a directory';
  const refused = await ready('?exclude=plugins');
  t.equal(refused.status, 503);
  t.ok(refused.message?.startsWith(`not ready: folder: open ${daemon.folder}: ${reason}; lock: `));
  t.same((await ready('?exclude=plugins,folder,lock,socket')).checked, []);
  t.equal((await daemon.ask('GET', '/_ping')).status, 200);
  rmSync(daemon.folder);

  t.equal((await ready('?exclude=plugins')).status, 200, 'podnetd is ready again without a restart');
  t.match(await ready('?exclude=disk'), { status: 400, message: /"exclude"/ });
});

t.test('every client of ready learns that another process holds the lock', async (t) => {
  const daemon = await startDaemon(t, { args: ['--lock-timeout', '20'] });
  mkdirSync(daemon.folder, { recursive: true });
  const holder = await holdAsPodman(path.join(daemon.folder, 'cni.lock'));
  const asked = Array.from({ length: 50 }, async () => await daemon.ask('GET', '/podnetd/v1/ready?exclude=plugins'));
  for (const { status, json } of await Promise.all(asked)) {
    t.equal(status, 503);
    t.match(json(), { message: 'not ready: lock: not had within 2000 ms: others hold it', response: 503 });
  }
  await holder.release();
  t.equal((await daemon.ask('GET', '/podnetd/v1/ready?exclude=plugins')).status, 200);
});

t.test('a read-only folder is not ready', { skip: missing('unshare', 'nsenter', 'mount') }, async (t) => {
  const daemon = await startDaemon(t, { netns: withOwnMounts });
  t.equal((await daemon.ask('GET', '/podnetd/v1/ready?exclude=plugins')).status, 200);
  runAmongMounts(daemon.process.pid ?? 0, 'mount', '-t', 'tmpfs', '-o', 'ro', 'podnetd-test', daemon.folder);
  const { status, json } = await daemon.ask('GET', '/podnetd/v1/ready?exclude=plugins,lock');
  t.equal(status, 503);
  t.match(json(), { message: /^not ready: folder: EROFS: read-only file system/ });
});
