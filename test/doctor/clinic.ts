import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import type { FindingsBody } from '../../src/api/podnetd/doctor.js';
import type { RepairBody } from '../../src/doctor/report/view.js';
import { daemonScript, startDaemon, type DaemonOptions, type TestDaemon } from '../support/daemon.js';
import { makeHost, type Host } from '../support/host.js';
import type { Answer } from '../support/client.js';

export type FindingBody = FindingsBody['findings'][number];

export interface Visit {
  readonly status: number | null;
  readonly findings: readonly FindingBody[];
  readonly repairs: readonly RepairBody[] | undefined;
  readonly source: Readonly<Record<string, string>>;
}

/** A host with networks, and with links, rules and files of its own that no repair may touch. */
export interface Clinic {
  readonly host: Host;
  readonly daemon: TestDaemon;
  readonly folder: string;
  /** As the host sees it. */
  readonly cacheDir: string;
  must(method: string, url: string, body?: object): Promise<Answer>;
  /** Runs `podnetd doctor` on the host, without its daemon. */
  doctor(...args: readonly string[]): Promise<Visit>;
  /** The codes of the findings, each with what caused it: `masquerade-left < lease-orphan`. */
  codes(...args: readonly string[]): Promise<readonly string[]>;
  /** Links, addresses, routes, rules, processes and files, without what counts or ticks. */
  look(): Promise<Readonly<Record<string, unknown>>>;
}

export const pluginDir = '/usr/lib/cni';
const cacheDir = '/var/lib/cni';

const foreign = `{ "cniVersion": "0.4.0", "name": "lan",
  "plugins": [ { "type": "macvlan", "master": "ext0", "isDefault": true, "ipam": { "type": "dhcp" } } ] }
`;

export async function makeClinic(t: Test, options: DaemonOptions = {}, plugins = [pluginDir]): Promise<Clinic> {
  const host = await makeHost(t);
  // Else the kernel completes addresses of IPv6 some time after a link is up.
  await mustRun(host, 'sysctl', ['-qw', 'net.ipv6.conf.default.accept_dad=0']);
  await host.ip('link', 'add', 'ext0', 'type', 'veth', 'peer', 'name', 'ext1');
  await host.ip('address', 'add', '192.0.2.1/24', 'dev', 'ext0');
  for (const link of ['ext0', 'ext1']) await host.ip('link', 'set', link, 'up');
  await host.ip('link', 'add', 'br-mine', 'type', 'bridge');
  await host.ip('link', 'add', 'mine0', 'master', 'br-mine', 'type', 'veth', 'peer', 'name', 'mine1');
  await mustRun(host, 'iptables', ['-t', 'nat', '-A', 'POSTROUTING', '-s', '192.0.2.7/32', '-j', 'MASQUERADE']);
  await mustRun(host, 'iptables', [
    '-A',
    'FORWARD',
    '-i',
    'br-mine',
    '-m',
    'comment',
    '--comment',
    'mine',
    '-j',
    'DROP',
  ]);
  const folders = plugins.flatMap((folder) => ['--cni-plugin-dir', folder]);
  const args = [...folders, '--cni-cache-dir', cacheDir];
  const daemon = await startDaemon(t, { netns: host, args, ...options });
  const { folder } = daemon;
  writeFileSync(path.join(folder, '10-lan.conflist'), foreign);
  const flags = ['--cni-config-dir', folder, '--config', daemon.settingsFile, ...args];
  const doctor = async (...more: readonly string[]) => {
    const env = { CONTAINERS_CONF: '/dev/null', LC_ALL: 'C.UTF-8' };
    const command = [daemonScript, 'doctor', '--json', ...flags, ...more];
    const { code, stdout, stderr } = await host.run(process.execPath, command, { env });
    if (stderr !== '' || code === null) throw new Error(`podnetd doctor: ${code} ${stderr}`);
    return checkWords({ status: code, ...(JSON.parse(stdout) as Omit<Visit, 'status'>) });
  };
  return {
    host,
    daemon,
    folder,
    cacheDir,
    doctor,
    async must(method, url, body) {
      const answer = await daemon.ask(method, url, body);
      if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${answer.text}`);
      return answer;
    },
    codes: async (...more) => codesOf(await doctor(...more)),
    look: async () => await lookAt(host, folder),
  };
}

/** @throws Error when a finding lacks a word, or its cause stands behind it */
export function checkWords<V extends Pick<Visit, 'findings'>>(visit: V): V {
  const before = new Set<string>();
  for (const { code, severity, title, seen, why, remedy, caused_by: cause } of visit.findings) {
    if ([severity, title, seen, why, remedy].includes('')) throw new Error(`${code}: an empty word`);
    if (cause !== undefined && !before.has(cause)) throw new Error(`${code}: no ${cause} before it`);
    before.add(code);
  }
  return visit;
}

export function codesOf({ findings }: Pick<Visit, 'findings'>): readonly string[] {
  return findings.map(({ code, caused_by: cause }) => (cause === undefined ? code : `${code} < ${cause}`));
}

export async function mustRun(host: Pick<Host, 'run'>, file: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await host.run(file, args);
  if (code !== 0) throw new Error(`${file} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function lookAt(host: Host, folder: string): Promise<Readonly<Record<string, unknown>>> {
  const rules: string[] = [];
  for (const program of ['iptables-nft-save', 'ip6tables-nft-save', 'iptables-legacy-save'])
    rules.push(...(await mustRun(host, program, [])).split('\n').filter((line) => line.startsWith('-A')));
  const files = readdirSync(folder).toSorted();
  return {
    links: (await host.ip('-oneline', '-details', 'link')).replaceAll(/ \S*timer\s+\S+/g, ''),
    addresses: settled((await host.ip('-oneline', 'address')).replaceAll(/valid_lft \S+/g, '')),
    routes: settled(await host.ip('route', 'show', 'table', 'all')),
    rules,
    files: files.map((name) => [
      name,
      readFileSync(path.join(folder, name), 'latin1'),
      statSync(path.join(folder, name)).mtimeMs,
    ]),
    cache: (await host.run('find', [cacheDir, '-type', 'f'])).stdout
      .split('\n')
      .filter((name) => !/lock|last_reserved/.test(name)),
  };
}

/** Without link-local addresses and their routes, which the kernel completes some time after a link is up. */
function settled(lines: string): readonly string[] {
  return lines.split('\n').filter((line) => !/fe80::|multicast ff00::/.test(line));
}
