import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { auditToml, readAuditLines, readRequests, verifyAudit } from '../support/audited-daemon.js';
import { daemonScript } from '../support/daemon.js';
import { holdAsPodman } from '../support/lock-holder.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';
import { makeClinic, mustRun, pluginDir, type Clinic } from './clinic.js';

/** Repairs of the doctor and their lines. */

const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', `${pluginDir}/bridge`);

/** A host without a daemon, where a temporary file can be planted, and the command that repairs it with an audit file. */
async function makeAuditedRepair(t: Test, file: string, rest = '') {
  const clinic = await makeClinic(t);
  await clinic.daemon.stop();
  const { host, folder, daemon } = clinic;
  writeFileSync(daemon.settingsFile, auditToml(file, rest));
  const temporary = path.join(folder, '.podnetd-0123456789abcdef.tmp');
  const flags = ['--cni-config-dir', folder, '--config', daemon.settingsFile];
  const command = [daemonScript, 'doctor', '--fix', ...flags];
  const env = { CONTAINERS_CONF: '/dev/null' };
  return {
    clinic,
    plant: () => writeFileSync(temporary, '{'),
    isPlanted: () => existsSync(temporary),
    begin: () => spawn(...host.wrap(process.execPath, command), { env: { ...process.env, ...env }, stdio: 'ignore' }),
    fix: async () => await host.run(process.execPath, command, { env }),
  };
}

t.test('each repair has its lines, with a daemon and without', { skip }, async (t) => {
  const file = path.join(makeScratch(t), 'audit.jsonl');
  const repairs = file.replace('.jsonl', '-repairs.jsonl');
  const clinic = await makeClinic(t, { podnetdToml: auditToml(file) });
  const plant = () => writeFileSync(path.join(clinic.folder, '.podnetd-0123456789abcdef.tmp'), '{');
  await clinic.must('POST', '/v5.4.2/libpod/networks/create', { name: 'web' });
  await clinic.doctor('--fix');
  t.notOk(existsSync(repairs), 'no repair, no line');
  const plantLeases = async () =>
    await mustRun(clinic.host, 'sh', [
      '-c',
      `mkdir -p ${clinic.cacheDir}/networks/web && cd ${clinic.cacheDir}/networks/web && printf gone >10.89.0.7 && printf gone >10.89.0.8 && printf lost >10.89.0.9`,
    ]);
  plant();
  await clinic.host.ip('link', 'add', 'cni-podman7', 'type', 'bridge');
  await plantLeases();
  t.match(await clinic.doctor('--dry-run'), { status: 1 });
  t.notOk(existsSync(repairs), 'nor for a repair that is only shown');
  t.match(await clinic.doctor('--fix'), { status: 0, findings: [] });
  const who = {
    uid: process.geteuid?.(),
    gid: process.getegid?.(),
    pid: Number,
    hints: { comm: /./, startTicks: /^\d+$/ },
  };
  const findings = [/^lease-orphan: 10\.89\.0\.7, .*container gone$/, /^lease-orphan: 10\.89\.0\.9 .*container lost$/];
  t.match(readAuditLines(repairs), [
    { event: 'opened', seq: 1 },
    { event: 'announced', operation: 'doctor:collect', network: 'web', findings, who },
    { event: 'request', operation: 'doctor:collect', network: 'web', findings, who, outcome: 'ok' },
    { event: 'announced', operation: 'doctor:clear', findings: [/^temporary-file: .*\.tmp$/] },
    { event: 'request', operation: 'doctor:clear', outcome: 'ok' },
    { event: 'announced', operation: 'doctor:removeBridge', findings: ['bridge-unused: bridge cni-podman7'] },
    { event: 'request', operation: 'doctor:removeBridge', outcome: 'ok' },
  ]);
  t.equal(readRequests(file).length, 1, "the daemon's file has the create alone");

  await clinic.daemon.stop();
  plant();
  t.match(await clinic.doctor('--fix'), { status: 0, findings: [] });
  t.match(readAuditLines(repairs).slice(7), [{ event: 'opened', seq: 8 }, { event: 'announced' }, { outcome: 'ok' }]);
  for (const one of [file, repairs]) t.match(verifyAudit(one), { status: 0, stdout: /^whole: / });
});

t.test('a repair that was killed is noted, and the next one settles it', { skip }, async (t) => {
  const file = path.join(makeScratch(t), 'audit');
  const repairs = `${file}-repairs`;
  const { clinic, begin, fix } = await makeAuditedRepair(t, file);
  await clinic.host.ip('link', 'add', 'cni-podman7', 'type', 'bridge');
  const podman = await holdAsPodman(path.join(clinic.folder, 'cni.lock'));
  const doctor = begin();
  const ended = once(doctor, 'exit');
  const isAnnounced = () => existsSync(repairs) && readFileSync(repairs, 'utf8').includes('"announced"');
  for (let tries = 0; !isAnnounced() && tries < 1_000; tries += 1) await sleep(10);
  t.match(await fix(), {
    code: 2,
    stdout: '',
    stderr: /-repairs: another process, such as a second podnetd, writes to it/,
  });
  doctor.kill('SIGKILL');
  await ended;
  t.match(verifyAudit(repairs), { status: 0, stdout: /:2: note: request .* has no outcome yet/ });
  await podman.release();
  t.match(await clinic.doctor('--fix'), { status: 0, findings: [] });
  t.match(readAuditLines(repairs).slice(2), [
    { event: 'opened' },
    { event: 'settled', id: readAuditLines(repairs)[1]?.id, outcome: 'unknown' },
    { event: 'announced' },
    { event: 'request', outcome: 'ok' },
  ]);
  t.notMatch(verifyAudit(repairs).stdout, /has no outcome/);
});

t.test('a repair without its line is not done, unless changes are let through', { skip }, async (t) => {
  for (const rest of ['', 'on_failure = "allow"\n']) {
    const { clinic, plant, isPlanted, fix } = await makeAuditedRepair(t, '/run/full/audit.jsonl', rest);
    const repairs = '/run/full/audit-repairs.jsonl';
    const line = JSON.stringify({ seq: 1, prev: '0'.repeat(64), event: 'opened', filler: ''.padEnd(3_600) });
    await mustRun(clinic.host, 'sh', ['-c', 'mkdir /run/full && mount -t tmpfs -o size=4k tmpfs /run/full']);
    // The one page has room for the line that opens the file, and for no other.
    await clinic.host.run('sh', ['-c', `umask 077 && cat >${repairs}`], { stdin: `${line}\n` });
    plant();
    const full = await fix();
    if (rest === '') {
      t.equal(full.code, 1);
      t.match(full.stdout, /^could not repair temporary-file: .*audit-repairs\.jsonl: ENOSPC/);
      t.ok(isPlanted());
      t.match(await readEvents(clinic, repairs), ['opened', 'opened']);
    } else t.match(full, { code: 0, stdout: /^repaired temporary-file/, stderr: /cannot be written: .*ENOSPC/ });
    await mustRun(clinic.host, 'sh', ['-c', `ln -sf /run/elsewhere ${repairs}`]);
    plant();
    const unusable = await fix();
    if (rest === '')
      t.match(unusable, { code: 2, stdout: '', stderr: /\[audit\] file: open .*-repairs\.jsonl: ELOOP/ });
    else t.match(unusable, { code: 0, stderr: /cannot be written: .*ELOOP/ });
    t.equal(isPlanted(), rest === '');
  }
});

async function readEvents({ host }: Clinic, file: string): Promise<readonly unknown[]> {
  const { stdout } = await host.run('cat', [file]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { event: string }).event);
}
