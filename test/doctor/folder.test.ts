import { utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { missing } from '../support/tools.js';
import { makeClinic, pluginDir } from './clinic.js';

/** Faults of the folder and of the plugins, planted on a host of the test. */

const skip = missing('ip', 'nsenter', 'unshare', 'iptables-save', `${pluginDir}/bridge`, `${pluginDir}/dnsname`);

t.test('each fault of the folder gives its finding and no other', { skip }, async (t) => {
  const clinic = await makeClinic(t);
  const { folder } = clinic;
  await clinic.must('POST', '/v5.4.2/libpod/networks/create', { name: 'web', dns_enabled: true, ipv6_enabled: true });
  const before = await clinic.look();
  const { status, findings, source } = await clinic.doctor();
  t.same({ status, findings }, { status: 0, findings: [] }, 'a healthy host has none');
  t.same(source, { folder, reason: '--cni-config-dir was given' });
  t.same(await clinic.look(), before, 'a look changes nothing');

  const at = (name: string) => path.join(folder, name);
  const plant = (name: string, text: string) => {
    writeFileSync(at(name), text);
    // A file that is younger than a second may be half-written.
    utimesSync(at(name), 1_700_000_000, 1_700_000_000);
  };
  const list = (name: string, more: object = {}, ipam: object = {}) =>
    JSON.stringify({
      cniVersion: '0.4.0',
      name,
      plugins: [{ type: 'bridge', bridge: `br-${name}`, ipam: { type: 'host-local', ...ipam } }],
      ...more,
    });
  const ranges = (subnet: string) => ({ ranges: [[{ subnet }]] });
  plant('broken.conflist', '{ "name": ');
  plant('zz.conflist', list('web', {}, ranges('10.123.0.0/24')));
  plant('wide.conflist', list('wide', {}, ranges('10.89.0.0/23')));
  plant('odd.conflist', list('odd', { plugins: [{ type: 'weave-net' }, { type: 'tuning', ipam: { type: 'dhcpx' } }] }));
  plant('new.conflist', list('new', { cniVersion: '1.1.0' }));
  const planted = await clinic.look();
  const visit = await clinic.doctor('--fix');
  t.equal(visit.status, 1);
  t.same(visit.repairs, [], 'nothing is repaired');
  t.same(await clinic.look(), planted, 'a repair leaves the files alone');
  const seen = visit.findings.map(({ code, seen: text }) => `${code}: ${text.replaceAll(`${folder}/`, '')}`);
  t.match(seen, [
    /^file-unusable: broken\.conflist, line 1: .*JSON/,
    /^name-twice: zz\.conflist: the same network name as web\.conflist$/,
    /^subnets-overlap: network wide has 10\.89\.0\.0\/23, and network web has 10\.89\.0\.0\/24$/,
    /^plugin-missing: weave-net is in none of \/usr\/lib\/cni; network odd needs it$/,
    /^plugin-missing: dhcpx is in none of \/usr\/lib\/cni; network odd needs it$/,
    /^plugin-version: the file of network new has cniVersion 1\.1\.0; bridge knows 0\.1\.0, .*; host-local knows/,
  ]);
  t.equal(seen.length, 6, 'there is no other');
  t.notOk(visit.findings.some((finding) => finding.fixable));
  t.notOk(visit.findings.some((finding) => 'caused_by' in finding));
});

t.test(
  'temporary files of dead processes are cleared, and kept files and those under way are not',
  { skip },
  async (t) => {
    const clinic = await makeClinic(t);
    const at = (name: string) => path.join(clinic.folder, name);
    writeFileSync(at('.podnetd-kept-00'), 'mine');
    const before = await clinic.look();
    writeFileSync(at('.podnetd-0123456789abcdef.tmp'), '{');
    t.same(await clinic.codes(), ['temporary-file']);
    const planted = await clinic.look();
    const dry = await clinic.doctor('--dry-run');
    t.match(dry, { status: 1, repairs: [{ code: 'temporary-file', outcome: 'planned' }] });
    t.same(await clinic.look(), planted, 'a dry run changes nothing');
    t.same((await clinic.doctor('--fix', '--only', 'name-twice')).repairs, []);
    t.same(await clinic.look(), planted, 'other codes are left alone');
    t.match(await clinic.doctor('--fix'), {
      status: 0,
      findings: [],
      repairs: [{ code: 'temporary-file', outcome: 'done' }],
    });
    const { files, ...rest } = await clinic.look();
    const { files: filesBefore, ...restBefore } = before;
    // The repair leaves its lock, as any change does.
    t.same(
      (files as readonly [string][]).filter(([name]) => name !== 'cni.lock'),
      filesBefore,
    );
    t.same(rest, restBefore);
  },
);
