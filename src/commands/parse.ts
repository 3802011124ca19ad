import { parseArgs } from 'node:util';
import { ConfigError } from '../config/config-error.js';
import type { GivenOptions, OptionDeclarations } from '../config/option.js';
import { optionsOf, type Command } from './command.js';
import { commands, defaultCommand, findCommand, type CommandName } from './commands.js';
import { findNearest } from './nearest.js';
import { formatUsage } from './words.js';

/** A command line: which command runs, and with what. */
export interface Call {
  readonly command: CommandName;
  readonly arguments: readonly string[];
  readonly options: GivenOptions;
}

/** Characters of a wrong word that could be a name; a longer one has no nearest name. */
const longestName = 64;

/** @param args without the program's own name @throws ConfigError */
export function parseCall(args: readonly string[]): Call {
  const [first] = args;
  const isNamed = first !== undefined && !first.startsWith('-');
  const command = findCommand(isNamed ? first : defaultCommand);
  if (command === undefined) {
    const nearest = suggest(
      first ?? '',
      commands.map(({ name }) => name),
    );
    throw new ConfigError(`${first}: no such command${nearest}; see podnetd help`);
  }
  const { options, positionals } = parseWords(command, isNamed, isNamed ? args.slice(1) : args);
  // `--help` and `--version` win over whatever else the line has.
  if (options.has('help')) return { command: 'help', arguments: isNamed ? [command.name] : [], options: new Map() };
  if (options.has('version')) return { command: 'version', arguments: [], options: new Map() };
  const excess = positionals[command.arguments.length];
  const mayRepeat = (command as Command).arguments.at(-1)?.isRepeatable === true;
  if (!mayRepeat && excess !== undefined)
    throw new ConfigError(`${excess}: ${describeExcess(command, isNamed, excess)}`);
  checkArguments(command, positionals);
  return { command: command.name, arguments: positionals, options };
}

function describeExcess(command: Command, isNamed: boolean, excess: string): string {
  if (!isNamed && findCommand(excess) !== undefined) return describeLate(excess);
  const most = command.arguments.length === 0 ? 'no argument' : `${command.arguments.length} argument`;
  return `${command.name} takes ${most} besides flags; see podnetd ${command.name} --help`;
}

function describeLate(name: string): string {
  return `a command stands before its flags: podnetd ${name} …`;
}

/** Whether a word is a command that has a flag. */
function takes(word: string, flag: string): boolean {
  const command = findCommand(word);
  return command !== undefined && Object.hasOwn(command.options, flag);
}

function checkArguments(command: Command, words: readonly string[]): void {
  const form = `the form is ${formatUsage(command)}`;
  for (const [index, { name, candidates, isRequired }] of command.arguments.entries()) {
    const word = words[index];
    if (word === undefined && isRequired === true)
      throw new ConfigError(`${command.name}: the argument ${name} is missing; ${form}`);
    if (word !== undefined && typeof candidates !== 'string' && !candidates.includes(word))
      throw new ConfigError(`${command.name} ${word}: not ${candidates.join(', ')}; ${form}`);
  }
}

function parseWords(command: Command, isNamed: boolean, args: readonly string[]) {
  const declared = optionsOf(command);
  const options = new Map<string, readonly string[]>();
  const positionals: string[] = [];
  const tokens = readTokens(declared, args);
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const option = Object.hasOwn(declared, name) ? declared[name] : undefined;
    const see = `see podnetd ${command.name} --help`;
    if (option === undefined) {
      const late = isNamed ? undefined : tokens.find((one) => one.kind === 'positional' && takes(one.value, name));
      if (late?.kind === 'positional') throw new ConfigError(`${late.value}: ${describeLate(late.value)}`);
      const nearest = suggest(
        rawName,
        Object.keys(declared).map((one) => `--${one}`),
      );
      throw new ConfigError(`${rawName}: no such flag${nearest}; ${see}`);
    }
    if (option.value === undefined && value !== undefined)
      throw new ConfigError(`${rawName}=${value}: the flag takes no value; ${see}`);
    if (option.value !== undefined && value === undefined)
      throw new ConfigError(`${rawName}: the value ${option.value.name} is missing; ${see}`);
    // An omitted value would else swallow the flag behind.
    if (value?.startsWith('-') === true && !token.inlineValue)
      throw new ConfigError(
        `${rawName} ${value}: a value that starts with a dash is written ${rawName}=${value}; ${see}`,
      );
    options.set(name, [...(options.get(name) ?? []), ...(value === undefined ? [] : [value])]);
  }
  return { options, positionals };
}

/** Not strict, because the messages of Node's strict mode name no remedy. */
function readTokens(declared: OptionDeclarations, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(declared).map(([name, { short, value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short !== undefined && { short }) },
    ]),
  );
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function suggest(word: string, names: readonly string[]): string {
  const nearest = word.length > longestName ? undefined : findNearest(word, names);
  return nearest === undefined ? '' : `, the nearest is ${nearest}`;
}
