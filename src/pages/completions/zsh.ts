import { defaultCommand } from '../../commands/commands.js';
import type { Command } from '../../commands/command.js';
import type { Candidates } from '../../config/option.js';
import { commandsOf, flagsOf, quote, type Flag } from './lines.js';

/** For `zsh`; its file is named `_podnetd`, in a folder of `fpath`. */
export function zshCompletion(): string {
  const commands = commandsOf();
  const described = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}\n`).join('');
  return `#compdef podnetd
# Made by \`npm run pages\`.

_podnetd_commands() {
  local -a commands=(
${described}  )
  _describe -t commands command commands
}

${commands.map(defineCommand).join('\n')}
_podnetd() {
  if [[ $words[2] == -* ]]; then
    _podnetd_${defaultCommand}
  elif (( CURRENT == 2 )); then
    _podnetd_commands
  else
    shift words
    (( CURRENT -= 1 ))
    case $words[1] in
      ${commands.map(({ name }) => name).join('|')}) _podnetd_$words[1] ;;
    esac
  fi
}

_podnetd "$@"
`;
}

function defineCommand(command: Command): string {
  const specs = [
    ...flagsOf(command).flatMap(describeFlag),
    ...command.arguments.map(
      ({ name, candidates, isRepeatable }) =>
        `${isRepeatable === true ? '*' : ''}:${escape(name)}:${complete(candidates)}`,
    ),
  ];
  return `_podnetd_${command.name}() {\n  _arguments ${specs.map((spec) => `\\\n    ${quote(spec)}`).join(' ')}\n}\n`;
}

/** source: zshcompsys(1), _arguments */
function describeFlag({ name, short, value, isRepeatable, description }: Flag): readonly string[] {
  const about = `[${escape(description)}]${value === undefined ? '' : `:${escape(value.name)}:${complete(value.candidates)}`}`;
  const sign = value === undefined ? '' : '=';
  const forms = [`--${name}${sign}`, ...(short === undefined ? [] : [`-${short}`])];
  // Each form excludes the other.
  const excluded = short === undefined ? '' : `(-${short} --${name})`;
  return forms.map((form) => `${isRepeatable === true ? '*' : excluded}${form}${about}`);
}

function complete(candidates: Candidates): string {
  if (typeof candidates !== 'string') return `(${candidates.join(' ')})`;
  // A space completes nothing, and shows the name of the value.
  return { file: '_files', folder: '_files -/', group: '_groups', command: '_podnetd_commands', none: ' ' }[candidates];
}

function escape(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
}
