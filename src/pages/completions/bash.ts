import { defaultCommand } from '../../commands/commands.js';
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
  const [argument] = command.arguments;
  const names = commandsOf().map(({ name }) => name);
  // The first word may also be a command, which does not concern these.
  const assign = argument?.candidates === 'command' ? `; arguments=${quote(names.join(' '))}` : '';
  return `    ${command.name}) flags=${quote(flags.join(' '))}${assign} ;;`;
}

function completeValue({ value }: Flag): string | undefined {
  if (value === undefined) return undefined;
  const { candidates } = value;
  if (typeof candidates !== 'string')
    return `mapfile -t COMPREPLY < <(compgen -W ${quote(candidates.join(' '))} -- "$cur")`;
  const action = { file: '-f', folder: '-d', group: '-g', command: undefined, none: undefined }[candidates];
  if (action === undefined) return 'COMPREPLY=()';
  const asFiles = action === '-g' ? '' : 'compopt -o filenames 2>/dev/null; ';
  return `${asFiles}mapfile -t COMPREPLY < <(compgen ${action} -- "$cur")`;
}
