import type { Rule } from '../facts/facts.js';
import type { RunInside } from './run-inside.js';

/** Programs that list the rules of one backend, and change nothing by that, unlike `iptables -S`, which makes missing tables. */
const listers = [
  { backend: 'nft', family: 4, program: 'iptables-nft-save' },
  { backend: 'nft', family: 6, program: 'ip6tables-nft-save' },
  { backend: 'legacy', family: 4, program: 'iptables-legacy-save' },
  { backend: 'legacy', family: 6, program: 'ip6tables-legacy-save' },
] as const;

/** The rules of iptables in the namespace that has the bridges. */
export async function gatherRules(run: RunInside): Promise<readonly Rule[]> {
  const rules: Rule[] = [];
  for (const { backend, family, program } of listers) {
    let table = '';
    for (const line of ((await run(program, [])) ?? '').split('\n')) {
      if (line.startsWith('*')) table = line.slice(1);
      else if (line.startsWith('-A ')) rules.push({ backend, family, table, text: line });
    }
  }
  return rules;
}
