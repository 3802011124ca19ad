import type { Command } from '../../commands/command.js';
import { defaultCommand } from '../../commands/commands.js';
import type { Candidates } from '../../config/option.js';
import { commandsOf, flagsOf, type Flag } from './lines.js';

/** For `fish`. */
export function fishCompletion(): string {
  const commands = commandsOf();
  const names = commands.map(
    ({ name, summary }) => `complete -c podnetd -n '__podnetd_words -eq 1' -a ${name} -d ${quote(summary)}\n`,
  );
  return `# fish completion for podnetd, made by \`npm run pages\`
function __podnetd_runs
    set -l words (commandline -opc)
    if set -q words[2]; and not string match -q -- '-*' $words[2]
        test $words[2] = $argv[1]
    else
        test ${defaultCommand} = $argv[1]
    end
end

function __podnetd_words
    test (count (commandline -opc)) $argv
end

complete -c podnetd -f
${names.join('')}${commands.flatMap(describeCommand).join('')}`;
}

function describeCommand(command: Command): readonly string[] {
  const condition = `complete -c podnetd -n ${quote(`__podnetd_runs ${command.name}`)}`;
  return [
    ...flagsOf(command).map((flag) => `${condition}${describeFlag(flag)}\n`),
    ...command.arguments.map(({ candidates, isRepeatable }, index) => {
      // The words before it are podnetd, the command and the arguments before.
      const isHere = `__podnetd_words ${isRepeatable === true ? '-ge' : '-eq'} ${index + 2}`;
      return `complete -c podnetd -n ${quote(`__podnetd_runs ${command.name}; and ${isHere}`)}${complete(candidates)}\n`;
    }),
  ];
}

function describeFlag({ name, short, value, description }: Flag): string {
  const taken = value === undefined ? '' : ` ${value.candidates === 'file' ? '-r' : '-x'}${complete(value.candidates)}`;
  return `${short === undefined ? '' : ` -s ${short}`} -l ${name}${taken} -d ${quote(description)}`;
}

function complete(candidates: Candidates): string {
  if (typeof candidates !== 'string') return ` -a ${quote(candidates.join(' '))}`;
  return {
    file: ' -F',
    folder: " -a '(__fish_complete_directories)'",
    group: " -a '(__fish_complete_groups)'",
    command: ` -a ${quote(
      commandsOf()
        .map(({ name }) => name)
        .join(' '),
    )}`,
    none: '',
  }[candidates];
}

/** One word of fish. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
