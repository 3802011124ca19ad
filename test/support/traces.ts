import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Test } from 'tap';
import type { Host } from './host.js';

/** Rules of both families, each with 0 (IPv4) or 1 (IPv6) in front; without counters, chains and policies. */
export async function readRules(host: Pick<Host, 'run'>): Promise<readonly string[]> {
  const outcomes = [await host.run('iptables-save', []), await host.run('ip6tables-save', [])];
  return outcomes.flatMap(({ stdout }, family) =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith('-A'))
      .map((line) => `${family} ${line}`),
  );
}

/** Matches rules for one container. The rules that plugins set up once and leave for good name no single address. */
const ofContainer = /[0-9a-f:.]\/(32|128)\b|CNI-DN-|CNI-[0-9a-f]{24}/;

/** Rules that name a link that is gone: the next link of that name would get them. */
export async function rulesOfGoneLinks(host: Pick<Host, 'run' | 'ip'>): Promise<readonly string[]> {
  const links = new Set([...(await host.ip('-oneline', 'link')).matchAll(/^\d+: ([^:@]+)/gm)].map(([, name]) => name));
  const named = (rule: string) => [...rule.matchAll(/ -[io] (\S+)/g)].map(([, link]) => link);
  return (await readRules(host)).filter((rule) => named(rule).some((link) => !links.has(link)));
}

/** Command lines of the dnsmasq processes that plugins left running, one per network. */
function resolversOf({ name }: Pick<Host, 'name'>): readonly string[] {
  const pids = execFileSync('ip', ['netns', 'pids', name]).toString().split('\n').filter(Boolean);
  return pids.map(readCommand).filter((command) => command.includes('dnsmasq'));
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // The process has ended meanwhile.
    return '';
  }
}

/**
 * Checks that the host has no trace of a container: no cache entry, intent, link, lease, rule or resolver.
 *
 * @param cacheDir as the host sees it
 */
export async function checkNothingLeft(
  t: Test,
  host: Host,
  cacheDir: string,
  networks: readonly string[],
): Promise<void> {
  const list = async (folder: string) => {
    const { stdout } = await host.run('find', [folder, '-mindepth', '1', '-maxdepth', '1', '-printf', '%f\\n']);
    return stdout.split('\n').filter(Boolean);
  };
  t.strictSame(await list(`${cacheDir}/results`), [], 'no cache file');
  t.strictSame(await list(`${cacheDir}/podnetd`), [], 'no intent');
  t.notMatch(await host.ip('-brief', 'link'), /^veth/m, 'no link');
  for (const network of networks) {
    const leases = await list(`/var/lib/cni/networks/${network}`);
    t.strictSame(
      leases.filter((file) => !/^(lock|last_reserved_ip\.\d)$/.test(file)),
      [],
      `no lease of ${network}`,
    );
  }
  t.strictSame(
    (await readRules(host)).filter((rule) => ofContainer.test(rule)),
    [],
    'no rule of a container',
  );
  t.strictSame(await rulesOfGoneLinks(host), [], 'no rule of a link that is gone');
  t.strictSame(resolversOf(host), [], 'no resolver');
}
