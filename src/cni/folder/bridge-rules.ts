import { findProgram } from '../../host/programs/find-program.js';
import { run } from '../../host/programs/run.js';
import { NetworkError } from '../../model/errors/errors.js';
import type { JsonObject } from '../../model/json-object.js';
import { pluginsOf } from '../conflist/structure.js';
import type { PlaceProgram } from '../../host/programs/program-call.js';

/** Ten times what a host with many rules needs to list them; bounded, because the write lane is held meanwhile. */
const limits = { timeoutMs: 2_000, maxOutputBytes: 16 * 1024 * 1024 };
/** A removal fails as a whole when another program removes one of its rules first. */
const maxTries = 3;

/** All rules for a bridge, or those that keep other bridges away from it. */
export type RuleKind = 'all' | 'isolation';

/**
 * The rules that plugins write for a bridge, as `iptables -S` prints them; the first group is the bridge.
 *
 * source: containernetworking/plugins plugins/meta/firewall/ingresspolicy.go@v1.1.1 and @v1.9.1 (setupIsolationChains), containers/dnsname
 * plugins/meta/dnsname/files.go@v1.3.1 (checkForDNSMasqConfFile)
 */
const isolationForms = [
  /^-A CNI-ISOLATION-STAGE-1 -i (\S+) (?:! )?-o \1 -m comment --comment "CNI firewall plugin rules \(ingressPolicy: [^"]+\)" -j (?:CNI-ISOLATION-STAGE-2|DROP)$/,
  /^-A CNI-ISOLATION-STAGE-2 -o (\S+) -m comment --comment "CNI firewall plugin rules \(ingressPolicy: [^"]+\)" -j DROP$/,
];
const allForms = [...isolationForms, /^-A INPUT -i (\S+) -p udp -m udp --dport 53 -j ACCEPT$/];

/** Whether a conflist has plugins that write rules for its bridge and leave them on DEL. */
export function writesBridgeRules(conflist: JsonObject): boolean {
  return pluginsOf(conflist).some(
    ({ type, ingressPolicy }) =>
      type === 'dnsname' || (type === 'firewall' && !['', 'open', undefined].includes(ingressPolicy as string)),
  );
}

/**
 * Removes the rules that plugins write once for a bridge. Their DEL leaves these, because a plugin cannot know whether other containers are on
 * the bridge, and the next bridge of the name would inherit them.
 */
export class BridgeRules {
  constructor(
    /** Wraps a command so that it runs where plugins run. */
    private readonly runner: PlaceProgram,
    private readonly find: (program: string) => string | undefined = findProgram,
  ) {}

  /**
   * @param bridges names of bridges that are gone, and that no plugin can make again meanwhile; of any bridges for rules of isolation
   * @param hasIpv6 whether one of them had addresses of IPv6
   * @returns a warning when rules may be left
   */
  async remove(bridges: readonly string[], hasIpv6: boolean, kind: RuleKind = 'all'): Promise<string | undefined> {
    const programs = hasIpv6 ? ['iptables', 'ip6tables'] : ['iptables'];
    const names = new Set(bridges);
    const problems = await Promise.all(programs.map(async (program) => await this.#removeOf(program, names, kind)));
    const reasons = problems.filter((problem) => problem !== undefined);
    if (reasons.length === 0) return undefined;
    return `rules for bridge ${bridges.join(', ')} may be left, and the next bridge of the name would have them: ${reasons.join('; ')}`;
  }

  async #removeOf(program: string, bridges: ReadonlySet<string>, kind: RuleKind): Promise<string | undefined> {
    const iptables = this.find(program);
    // Without the program plugins write no rules.
    if (iptables === undefined) return undefined;
    for (let tries = 1; ; tries += 1) {
      const listed = await this.#run(iptables, ['-w', '-t', 'filter', '-S']);
      if ('problem' in listed) return listed.problem;
      const rules = listed.text.split('\n').filter((rule) => isOf(rule, bridges, kind));
      if (rules.length === 0) return undefined;
      const removed = await this.#deleteAll(`${iptables}-restore`, rules);
      if (!('problem' in removed)) return undefined;
      if (tries === maxTries) return removed.problem;
    }
  }

  /** Deletes all of the rules or none, by one program run. */
  async #deleteAll(restore: string, rules: readonly string[]) {
    const lines = ['*filter', ...rules.map((rule) => rule.replace('-A', '-D')), 'COMMIT', ''];
    return await this.#run(restore, ['--noflush', '-w'], lines.join('\n'));
  }

  async #run(file: string, args: readonly string[], stdin = ''): Promise<{ text: string } | { problem: string }> {
    let command;
    try {
      command = await this.runner({ file, args });
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      // The user's network namespace is gone, and its rules with it.
      return { text: '' };
    }
    const outcome = await run(command.file, command.args, { ...limits, stdin });
    if (outcome.kind === 'ended' && outcome.exitCode === 0) return { text: outcome.stdout };
    const reason = outcome.kind === 'notStarted' ? outcome.reason : outcome.stderr.trim() || outcome.kind;
    return { problem: `${file}: ${reason}` };
  }
}

function isOf(rule: string, bridges: ReadonlySet<string>, kind: RuleKind): boolean {
  const forms = kind === 'all' ? allForms : isolationForms;
  return forms.some((form) => bridges.has(form.exec(rule)?.[1] ?? ''));
}
