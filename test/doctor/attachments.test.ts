import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { encodeIntent } from '../../src/cni/runtime/intent.js';
import { decodeCacheEntry } from '../../src/cni/attachments/cache-entry.js';
import { makeNetns, removeNetns, type Netns } from '../support/netns.js';
import { missing } from '../support/tools.js';
import { codesOf, makeClinic, mustRun, pluginDir, type Clinic } from './clinic.js';

/** What containers leave when their DEL never comes: real plugins made all of it on a host of the test. */

const skip = missing(
  'ip',
  'nsenter',
  'unshare',
  'iptables-save',
  'dnsmasq',
  `${pluginDir}/bridge`,
  `${pluginDir}/dnsname`,
);

/** Connects to a port on which no program listens. @returns the code of the refusal */
async function knock(host: Clinic['host'], address: string): Promise<string> {
  const script = `require('net').connect({ host: '${address}', port: 9, timeout: 2000 })
    .on('error', ({ code }) => console.log(code)).on('timeout', () => process.exit(1))`;
  return (await host.run(process.execPath, ['-e', script])).stdout.trim();
}

/** @returns the beginning of the names of its files in the cache, its addresses and the id */
async function connect(clinic: Clinic, { name }: Netns, port: number) {
  const body = { container: name, port_mappings: [{ host_port: port, container_port: 80 }] };
  const answer = await clinic.must('POST', '/podnetd/v1/networks/web/connect', body);
  const { subnets } = answer.json() as { subnets: readonly { ipnet: string }[] };
  const addresses = subnets.map(({ ipnet }) => ipnet.replace(/\/.*/, ''));
  const { stdout } = await clinic.host.run('grep', ['-l', name, '-r', `${clinic.cacheDir}/results`]);
  const file = path.basename(stdout.trim());
  return { file, addresses, id: file.replace(/^web-/, '').replace(/-eth0$/, '') };
}

t.test('what dead containers and processes left is found, folded and repaired', { skip }, async (t) => {
  const clinic = await makeClinic(t);
  const { host, cacheDir } = clinic;
  const subnets = [{ subnet: '10.71.0.0/24' }, { subnet: 'fd71::/64' }];
  await clinic.must('POST', '/v5.4.2/libpod/networks/create', { name: 'web', ipv6_enabled: true, subnets });
  const alive = makeNetns(t);
  const living = await connect(clinic, alive, 8080);
  t.same(await clinic.codes(), [], 'a living container is none');
  const before = await clinic.look();

  const boxes = [makeNetns(t, false), makeNetns(t, false), makeNetns(t, false), makeNetns(t)] as const;
  const [gone, unrecorded, ruled] = boxes;
  const made = [];
  for (const [index, box] of boxes.entries()) made.push(await connect(clinic, box, 8081 + index));
  const [ofGone, ofUnrecorded, ofRuled, ofCut] = made;
  if (ofGone === undefined || ofUnrecorded === undefined || ofRuled === undefined || ofCut === undefined) return;
  for (const box of [gone, unrecorded, ruled]) removeNetns(box);
  await mustRun(
    host,
    'rm',
    [ofUnrecorded, ofRuled].map(({ file }) => `${cacheDir}/results/${file}`),
  );
  await mustRun(
    host,
    'rm',
    ofRuled.addresses.map((address) => `${cacheDir}/networks/web/${address}`),
  );
  // As a podnetd that died between the last plugin and the cache file.
  const text = await mustRun(host, 'cat', [`${cacheDir}/results/${ofCut.file}`]);
  const intent = encodeIntent({ operation: 'add', entry: decodeCacheEntry(text, ofCut.file) });
  await host.run('sh', ['-c', `cat >${cacheDir}/podnetd/${ofCut.file}`], { stdin: intent });
  await mustRun(host, 'rm', [`${cacheDir}/results/${ofCut.file}`]);

  const planted = await clinic.look();
  const visit = await clinic.doctor('--dry-run');
  t.equal(visit.status, 1);
  t.same(codesOf(visit).toSorted(), [
    'attachment-gone',
    'intent-dead',
    'lease-orphan',
    'lease-orphan < intent-dead',
    'masquerade-left',
    'masquerade-left < attachment-gone',
    'masquerade-left < intent-dead',
    'masquerade-left < lease-orphan',
    'port-mapping-left < attachment-gone',
    'port-mapping-left < intent-dead',
    'port-mapping-left < lease-orphan',
    'port-mapping-left < masquerade-left',
  ]);
  t.ok(visit.findings.every(({ fixable }) => fixable));
  t.notOk(
    visit.findings.some(({ seen }) => seen.includes(living.id)),
    'the living one is in none',
  );
  t.same(await clinic.look(), planted, 'a dry run changes nothing');
  t.same(
    (await clinic.must('GET', '/podnetd/v1/doctor')).json(),
    { findings: visit.findings },
    'the daemon finds the same',
  );

  const after = await clinic.doctor('--fix');
  t.same([after.status, after.findings], [0, []]);
  t.ok(after.repairs?.every(({ outcome }) => outcome === 'done'));
  t.same(await clinic.look(), before, 'the host is as it was with the living container alone');
  t.equal(await knock(host, living.addresses[0] ?? ''), 'ECONNREFUSED', 'which is reached');
});

t.test('rules whose address another container has are left alone', { skip }, async (t) => {
  const clinic = await makeClinic(t);
  const { host, cacheDir } = clinic;
  await clinic.must('POST', '/v5.4.2/libpod/networks/create', { name: 'web', subnets: [{ subnet: '10.71.0.0/24' }] });
  const box = makeNetns(t, false);
  const old = await connect(clinic, box, 8081);
  removeNetns(box);
  await mustRun(host, 'rm', ['-r', `${cacheDir}/results/${old.file}`, `${cacheDir}/networks/web`]);
  const heir = makeNetns(t);
  const body = { container: heir.name, static_ips: old.addresses };
  await clinic.must('POST', '/podnetd/v1/networks/web/connect', body);
  const before = await clinic.look();
  const visit = await clinic.doctor('--dry-run');
  t.same(codesOf(visit), ['masquerade-left', 'port-mapping-left < masquerade-left']);
  t.same(
    visit.findings.map(({ fixable }) => fixable),
    [false, true],
    'the ports have no address',
  );
  t.same(codesOf(await clinic.doctor('--fix')), ['masquerade-left']);
  const isOfHeir = (rule: string) => rule.startsWith('-A CNI-FORWARD') || rule.includes('--comment mine');
  const rulesOf = ({ rules }: Readonly<Record<string, unknown>>) => (rules as readonly string[]).filter(isOfHeir);
  t.same(rulesOf(await clinic.look()), rulesOf(before));
  t.equal(await knock(host, old.addresses[0] ?? ''), 'ECONNREFUSED', 'the other container is reached');
});

t.test('servers of dnsname end with their networks, and those of others do not', { skip }, async (t) => {
  const clinic = await makeClinic(t);
  const { host } = clinic;
  await clinic.must('POST', '/v5.4.2/libpod/networks/create', { name: 'web', dns_enabled: true });
  await clinic.must('POST', '/podnetd/v1/networks/web/connect', { container: makeNetns(t).name });
  t.same(await clinic.codes(), []);
  await host.ip('link', 'add', 'cni-podman42', 'type', 'bridge');
  for (const [network, link] of [
    ['gone', 'cni-podman42'],
    ['absent', 'cni-podman43'],
    ['other', 'br-mine'],
  ] as const) {
    const folder = `/run/containers/cni/dnsname/${network}`;
    const conf = `port=0\nno-resolv\nbind-dynamic\nno-hosts\ninterface=${link}\npid-file=${folder}/pidfile\n`;
    await host.run('sh', ['-c', `mkdir -p ${folder} && cat >${folder}/dnsmasq.conf`], { stdin: conf });
    await mustRun(host, 'dnsmasq', ['-u', 'root', `--conf-file=${folder}/dnsmasq.conf`]);
  }
  const visit = await clinic.doctor();
  t.same(codesOf(visit).toSorted(), ['bridge-unused', 'dnsname-left', 'dnsname-left', 'dnsname-left < bridge-unused']);
  t.match(
    visit.findings.find(({ seen }) => seen.includes('network other')),
    { fixable: false, remedy: /^kill \d+,/ },
  );
  const fixed = await clinic.doctor('--fix');
  t.same(codesOf(fixed), ['dnsname-left']);
  const pids = execFileSync('ip', ['netns', 'pids', host.name]).toString().split('\n').filter(Boolean);
  const lines = (await host.run('ps', ['-o', 'args=', '-p', pids.join(',')])).stdout.split('\n');
  const networks = lines.flatMap((line) => /dnsname\/(\w+)\//.exec(line)?.[1] ?? []).toSorted();
  t.same(networks, ['other', 'web'], 'the servers of a network and of another folder live');
  await mustRun(host, 'sh', ['-c', 'kill $(cat /run/containers/cni/dnsname/other/pidfile)']);
  for (let tries = 0; tries < 200 && (await clinic.codes()).length > 0; tries += 1) await sleep(10);
  t.same(await clinic.codes(), []);
});
