import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { optionsOf, type Command } from '../../src/commands/command.js';
import { commands, defaultCommand } from '../../src/commands/commands.js';
import type { OptionDeclaration } from '../../src/config/option.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** Each shell completes what is declared, and nothing else. */

const folder = path.resolve(import.meta.dirname, '../../dist/completions');

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): readonly string[] {
  const options = { encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...env } } as const;
  return execFileSync(program, args, options).split('\n').filter(Boolean);
}

const zshDump = path.join(makeScratch(t), 'zcompdump');

/** bash has no command that completes a line, so this fills the variables that its editor fills. It takes words apart at `=` and `:`. */
const bashScript = `
source "$1"
COMP_WORDS=() rest=$2
while [[ $rest =~ ^([^\\ =:]+|[=:]|\\ +)(.*)$ ]]; do
  [[ \${BASH_REMATCH[1]} == ' '* ]] || COMP_WORDS+=("\${BASH_REMATCH[1]}")
  rest=\${BASH_REMATCH[2]}
done
[[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
"$(complete -p podnetd | sed -E 's/.*-F ([^ ]+) .*/\\1/')"
printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** For each shell, the candidates for the last word of a line; of a word with `=`, what stands behind that. */
const shells: Readonly<Record<string, (line: string) => readonly string[]>> = {
  bash: (line) => run('bash', ['--norc', '-c', bashScript, 'bash', path.join(folder, 'podnetd.bash'), line]),
  zsh: (line) =>
    run('zsh', ['-f', path.join(import.meta.dirname, 'candidates.zsh'), folder, zshDump, line], { TERM: 'dumb' }).map(
      value,
    ),
  fish: (line) =>
    run('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', path.join(folder, 'podnetd.fish'), line])
      .map((candidate) => candidate.split('\t', 1)[0] ?? '')
      .map(value),
};

function value(candidate: string): string {
  return candidate.replace(/^--[a-z-]+=/, '');
}

const names = commands.map(({ name }) => name);
const all: readonly Command[] = commands;

function flagsOf(command: Command): readonly string[] {
  const flags = Object.entries<OptionDeclaration>(optionsOf(command));
  return flags.flatMap(([name, { short }]) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]);
}

for (const [shell, complete] of Object.entries(shells)) {
  t.test(shell, { skip: missing(shell) }, async (t) => {
    const expect = (line: string, candidates: readonly string[]) =>
      t.same(new Set(complete(line)), new Set(candidates), JSON.stringify(line));

    expect('podnetd ', names);
    expect('podnetd s', ['serve']);
    for (const command of all) {
      expect(`podnetd ${command.name} -`, flagsOf(command));
      const candidates = command.arguments[0]?.candidates ?? [];
      const words = candidates === 'command' ? names : typeof candidates === 'string' ? [] : candidates;
      const fitting = words.filter((word) => word.startsWith('s'));
      expect(`podnetd ${command.name} s`, fitting);
      for (const [name, { value: taken }] of Object.entries(optionsOf(command))) {
        const candidates = taken?.candidates;
        if (candidates === undefined || typeof candidates === 'string') continue;
        expect(`podnetd ${command.name} --${name} `, candidates);
        expect(`podnetd ${command.name} --${name}=`, candidates);
        expect(`podnetd ${command.name} --${name}=${candidates[0]}`, [candidates[0] ?? '']);
      }
    }
    const served = all.find(({ name }) => name === defaultCommand);
    if (served === undefined) throw new Error('no command runs by itself');
    expect('podnetd -', flagsOf(served));
    expect('podnetd --log-level d', ['debug']);
    expect('podnetd --idle-timeout ', []);
    t.ok(complete('podnetd --socket-group roo').includes('root'), 'groups');

    const scratch = makeScratch(t);
    mkdirSync(path.join(scratch, 'net.d'));
    copyFileSync('/dev/null', path.join(scratch, 'net.sock'));
    const basenames = (line: string) => new Set(complete(line).map((file) => path.basename(file)));
    t.same(basenames(`podnetd --cni-config-dir ${scratch}/net`), new Set(['net.d']), 'folders');
    t.same(basenames(`podnetd serve --listen ${scratch}/net`), new Set(['net.d', 'net.sock']), 'files');
    expect('podnetd audit ', ['verify']);
    expect('podnetd fleet ', ['status', 'release']);
    for (const line of ['podnetd audit verify', 'podnetd audit verify a'])
      t.same(basenames(`${line} ${scratch}/net`), new Set(['net.d', 'net.sock']), line);
  });
}

t.test('bash-completion loads the file by its name', { skip: missing('bash') }, async (t) => {
  const place = path.join(makeScratch(t), 'completions');
  mkdirSync(place);
  copyFileSync(path.join(folder, 'podnetd.bash'), path.join(place, 'podnetd'));
  const script = 'source /usr/share/bash-completion/bash_completion; _completion_loader podnetd; complete -p podnetd';
  const found = run('bash', ['--norc', '-c', script], { BASH_COMPLETION_USER_DIR: path.dirname(place) });
  t.match(found, ['complete -F _podnetd podnetd']);
});
