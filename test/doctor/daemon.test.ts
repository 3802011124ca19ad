import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { fileLocks } from '../../src/host/own-process/addons.js';
import { cacheFileName } from '../../src/cni/attachments/entry-faults.js';
import { encodeCacheEntry } from '../../src/cni/attachments/cache-entry.js';
import { cacheEntry } from '../support/cache-entry.js';
import { holdAsPodman } from '../support/lock-holder.js';
import type { Host } from '../support/host.js';
import { makeNetns, runProgram } from '../support/netns.js';
import { hasNewPlugins, pluginFolder } from '../support/plugin-folder.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { daemonScript } from '../support/daemon.js';
import { codesOf, makeClinic, mustRun, pluginDir } from './clinic.js';

/** Faults of pools, locks, plugins and logs, asked of a daemon and looked for without one. */

const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', 'python3', `${pluginDir}/bridge`);

t.test('a daemon finds full pools, its own log, other locks and other networks', { skip }, async (t) => {
  const conf =
    '[network]\ndefault_subnet_pools = [{ base = "10.201.0.0/24", size = 28 }, { base = "10.202.0.0/16", size = 24 }]\n';
  // Each line of the log fails, as on a full disk.
  const podnetdToml = '[audit]\nfile = "/var/lib/nowhere/audit.jsonl"\non_failure = "allow"\n';
  const clinic = await makeClinic(t, {
    podnetdToml,
    containersConf: conf,
    prefix: ['sh', '-c', 'exec "$@" >/dev/full', 'sh'],
  });
  const { host, folder, daemon } = clinic;
  for (let index = 0; index < 15; index += 1) await clinic.must('POST', '/networks/create', { Name: `edge${index}` });
  await mustRun(host, 'sh', [
    '-c',
    'mount -t tmpfs tmpfs /etc/containers && mkdir /etc/containers/networks && touch /etc/containers/networks/one.json /etc/containers/networks/two.json',
  ]);
  const ask = async () =>
    (await clinic.must('GET', '/podnetd/v1/doctor')).json() as { findings: { code: string; seen: string }[] };
  const seen = async () => (await ask()).findings.map((finding) => `${finding.code}: ${finding.seen}`);
  const others = [
    'output-unwritable: standard output: ENOSPC: no space left on device',
    'output-unwritable: audit file: write /var/lib/nowhere/audit.jsonl: ENOENT: no such file or directory',
    'pool-nearly-full: 10.201.0.0/24: 15 of 16 blocks of /28 are taken',
    'netavark-beside: /etc/containers/networks has networks one, two',
  ];
  t.same(await seen(), others);
  const podman = await holdAsPodman(path.join(folder, 'cni.lock'));
  const [held = '', ...rest] = await seen();
  t.match(
    held,
    new RegExp(`^lock-held: ${folder}/cni\\.lock: process ${podman.pid} \\(python3\\) has it, for \\d{4} ms at least$`),
  );
  t.same(rest, others);
  await podman.release();

  // podnetd's kind of lock, of which the kernel names no process.
  const fd = openSync(path.join(folder, 'cni.lock'), 'r+');
  t.ok(fileLocks().tryLock(fd));
  t.match((await seen())[0], `lock-held: ${folder}/cni.lock: process ${process.pid} (`);
  closeSync(fd);

  const { status, stdout } = await runDoctor(host.run, [
    '--socket',
    `unix://${daemon.socket}`,
    '--only',
    'netavark-beside',
  ]);
  t.equal(status, 0, 'a note is no fault');
  t.match(
    stdout,
    /^note netavark-beside: Podman keeps networks for netavark.*\n {2}Seen: .*one, two\n {2}Why: .*\n {2}Remedy: /,
  );
  const local = await clinic.doctor();
  t.same(codesOf(local), ['netavark-beside'], 'without the daemon: other pools, and no log');
});

t.test('a plugin of CNI 1.1 is asked by STATUS, and collects by GC with the living alone', { skip }, async (t) => {
  const scratch = makeScratch(t);
  const bin = path.join(scratch, 'bin');
  mkdirSync(bin);
  const log = path.join(scratch, 'log');
  const script = `#!/bin/sh
case $CNI_COMMAND in
  VERSION) echo '{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0","1.1.0"]}' ;;
  STATUS) test "$(basename $0)" != tuning || test ! -e ${scratch}/ill || { echo '{"code":50,"msg":"no disk"}'; exit 1; } ;;
  *) echo "$CNI_COMMAND $(basename $0) $(tr -d '\\n')" >>${log} ;;
esac
`;
  for (const name of ['bridge', 'portmap', 'firewall', 'tuning']) {
    writeFileSync(path.join(bin, name), script);
    chmodSync(path.join(bin, name), 0o755);
  }
  for (const name of ['host-local', 'macvlan', 'dhcp']) symlinkSync(path.join(pluginDir, name), path.join(bin, name));
  // host-local of Debian knows no CNI 1.1, so this one has no addresses.
  const chain = [
    { type: 'bridge', bridge: 'cni-podman1' },
    { type: 'portmap' },
    { type: 'firewall' },
    { type: 'tuning' },
  ];
  const clinic = await makeClinic(t, {}, [bin]);
  const conflist = JSON.stringify({ cniVersion: '1.1.0', name: 'web', plugins: chain });
  writeFileSync(path.join(clinic.folder, 'web.conflist'), conflist);
  utimesSync(path.join(clinic.folder, 'web.conflist'), 1_700_000_000, 1_700_000_000);
  t.same(await clinic.codes(), []);
  writeFileSync(path.join(scratch, 'ill'), '');
  t.match((await clinic.doctor()).findings, [
    {
      code: 'plugin-status',
      severity: 'error',
      seen: /^network web: plugin type="tuning" failed \(status\): no disk$/,
    },
  ]);

  const alive = makeNetns(t);
  for (const [id, netns] of [
    ['living', alive.path],
    ['dead', '/run/netns/gone'],
  ] as const) {
    const entry = cacheEntry('web', id, { netns, config: conflist });
    const target = `${clinic.cacheDir}/results/${cacheFileName(entry)}`;
    await clinic.host.run('sh', ['-c', `mkdir -p ${clinic.cacheDir}/results && cat >${target}`], {
      stdin: encodeCacheEntry(entry),
    });
  }
  const { repairs } = await clinic.doctor('--fix', '--only', 'attachment-gone');
  t.match(repairs, [{ code: 'attachment-gone', outcome: 'done' }]);
  const calls = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  t.same(
    calls.map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['DEL tuning', 'DEL firewall', 'DEL portmap', 'DEL bridge', 'GC bridge', 'GC portmap', 'GC firewall', 'GC tuning'],
  );
  const configs = calls.slice(4).map((line) => JSON.parse(line.replace(/^GC \w+ /, '')) as Record<string, unknown>);
  for (const config of configs)
    t.match(config, {
      name: 'web',
      cniVersion: '1.1.0',
      'cni.dev/valid-attachments': [{ containerID: 'living', ifname: 'eth0' }],
    });
  t.same(codesOf(await clinic.doctor('--only', 'attachment-gone')), []);
});

t.test('plugins of several networks are asked by STATUS side by side', { skip }, async (t) => {
  const scratch = makeScratch(t);
  const bin = path.join(scratch, 'bin');
  mkdirSync(bin);
  // STATUS ends when another process is at STATUS too.
  const script = `#!/bin/sh
case $CNI_COMMAND in
  VERSION) echo '{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.1.0"]}' ;;
  STATUS) touch ${scratch}/at.$$; for n in $(seq 100); do test $(ls ${scratch}/at.* | wc -l) = 2 && exit 0; sleep 0.1; done
    echo '{"code":50,"msg":"alone"}'; exit 1 ;;
esac
`;
  writeFileSync(path.join(bin, 'bridge'), script, { mode: 0o755 });
  for (const name of ['host-local', 'macvlan', 'dhcp', 'portmap', 'firewall', 'tuning'])
    symlinkSync(path.join(pluginDir, name), path.join(bin, name));
  const clinic = await makeClinic(t, {}, [bin]);
  for (const name of ['web', 'db']) {
    const file = path.join(clinic.folder, `${name}.conflist`);
    writeFileSync(
      file,
      JSON.stringify({ cniVersion: '1.1.0', name, plugins: [{ type: 'bridge', bridge: `br-${name}` }] }),
    );
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  }
  t.same(await clinic.codes(), []);
});

t.test('plugins of 1.6 or newer free by GC what a dead container has, and leave the living', { skip }, async (t) => {
  if (!hasNewPlugins(t)) {
    t.comment('older ones free it by DEL, as test/doctor/attachments shows');
    return;
  }
  const clinic = await makeClinic(t, {}, [pluginFolder]);
  const { host, cacheDir, folder } = clinic;
  await clinic.must('POST', '/v5.4.2/libpod/networks/create', { name: 'web', subnets: [{ subnet: '10.71.0.0/24' }] });
  const file = path.join(folder, 'web.conflist');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"0.4.0"', '"1.1.0"'));
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  await clinic.must('POST', '/podnetd/v1/networks/web/connect', { container: makeNetns(t).name });
  const before = await clinic.look();
  await mustRun(host, 'sh', ['-c', `printf 'dead\\r\\neth0' >${cacheDir}/networks/web/10.71.0.77`]);
  const visit = await clinic.doctor('--fix');
  t.match(visit, { status: 0, findings: [], repairs: [{ code: 'lease-orphan', outcome: 'done' }] });
  t.same(await clinic.look(), before);
});

t.test('a wrong command line is refused, and so is a socket without a daemon', async (t) => {
  const nowhere = path.join(makeScratch(t), 'none.sock');
  for (const [args, message] of [
    [['--only', 'lease-orphans'], /^podnetd: --only lease-orphans: no such code; podnetd has file-unusable, /],
    [['--socket', nowhere, '--fix'], /^podnetd: --socket .*none\.sock and --fix: with --fix the command looks itself/],
    [
      ['--socket', nowhere],
      /^podnetd: --socket .*none\.sock: no podnetd listens there \(.*ENOENT.*\); start podnetd there/,
    ],
    [['--cni-config-dir', '/dev/null'], /^podnetd: .*\/dev\/null.*ENOTDIR/],
  ] as const) {
    const { status, stdout, stderr } = await runDoctor(runProgram, args);
    t.same([status, stdout], [2, ''], args.join(' '));
    t.match(stderr, message);
  }
});

/** Runs `podnetd doctor` with these arguments alone. */
async function runDoctor(run: Host['run'], args: readonly string[]) {
  const env = { CONTAINERS_CONF: '/dev/null', LC_ALL: 'C.UTF-8' };
  const { code: status, stdout, stderr } = await run(process.execPath, [daemonScript, 'doctor', ...args], { env });
  return { status, stdout, stderr };
}
