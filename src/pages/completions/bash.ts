import { defaultCommand } from '../../commands/commands.js';
import type { Candidates } from '../../config/option.js';
import { commandsOf, flagsOf, quote, type Flag } from './lines.js';

/** For `bash`, with or without the package bash-completion. Bash takes a word apart at `=` and `:`. */
export function bashCompletion(): string {
  const commands = commandsOf();
  const flags = new Map(commands.flatMap((command) => flagsOf(command)).map((flag) => [flag.name, flag]));
  const values = [...flags.values()].flatMap((flag) => {
    const action = completeValue(flag);
    return action === undefined ? [] : [`    --${flag.name}) ${action}; return ;;`];
  });
  return `# bash completion for podnetd, made by \`npm run pages\`
_podnetd() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=${defaultCommand} flags='' arguments=''
  COMPREPLY=()
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $prev in
${values.join('\n')}
  esac
  if [[ $COMP_CWORD -gt 1 && \${COMP_WORDS[1]} != -* ]]; then
    command=\${COMP_WORDS[1]}
  elif [[ $COMP_CWORD -eq 1 ]]; then
    arguments=${quote(commands.map(({ name }) => name).join(' '))}
  fi
  case $command in
${commands.map((command) => completeCommand(command)).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$arguments" -- "$cur")
  fi
}
complete -F _podnetd podnetd
`;
}

function completeCommand(command: ReturnType<typeof commandsOf>[number]): string {
  const flags = flagsOf(command).flatMap(({ name, short }) => [
    `--${name}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ]);
  const cases = command.arguments.map((argument, index) => {
    // The words before it are podnetd and the command.
    const pattern = argument.isRepeatable === true ? '*' : index + 2;
    return `${pattern}) ${completeArgument(argument.candidates)} ;; `;
  });
  const byPosition = cases.length === 0 ? '' : `; case $COMP_CWORD in 1) ;; ${cases.join('')}esac`;
  return `    ${command.name}) flags=${quote(flags.join(' '))}${byPosition} ;;`;
}

function completeArgument(candidates: Candidates): string {
  if (candidates === 'command') return completeArgument(commandsOf().map(({ name }) => name));
  if (typeof candidates !== 'string') return `arguments=${quote(candidates.join(' '))}`;
  return `[[ $cur == -* ]] || { ${completeWord(candidates)}; return; }`;
}

function completeValue({ value }: Flag): string | undefined {
  return value && completeWord(value.candidates);
}

function completeWord(candidates: Candidates): string {
  if (typeof candidates !== 'string')
    return `mapfile -t COMPREPLY < <(compgen -W ${quote(candidates.join(' '))} -- "$cur")`;
  const action = { file: '-f', folder: '-d', group: '-g', command: undefined, none: undefined }[candidates];
  if (action === undefined) return 'COMPREPLY=()';
  const asFiles = action === '-g' ? '' : 'compopt -o filenames 2>/dev/null; ';
  return `${asFiles}mapfile -t COMPREPLY < <(compgen ${action} -- "$cur")`;
}
