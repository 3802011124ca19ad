import t from 'tap';
import { optionsOf, type Command } from '../../src/commands/command.js';
import { commands } from '../../src/commands/commands.js';
import { printHelp } from '../../src/commands/help.js';
import { formatUsage } from '../../src/commands/words.js';

const all: readonly Command[] = commands;

t.test('the overview has every command, and the flags of the one that runs by itself', async (t) => {
  const text = printHelp(undefined);
  for (const { name, summary } of all) t.match(text, new RegExp(`^  ${name} +${summary}$`, 'm'));
  for (const line of text.split('\n')) t.ok(line.length <= 80, `a terminal of 80 columns shows in one piece: ${line}`);
  for (const name of Object.keys(optionsOf(commands[0]))) t.match(text, new RegExp(`^  (-., )?--${name} `, 'm'), name);
});

for (const command of all) {
  t.test(`the help of ${command.name}`, async (t) => {
    const text = printHelp(command.name);
    const words = text.replaceAll(/\s+/g, ' ');
    t.match(text, `Usage: ${formatUsage(command)}\n`);
    for (const paragraph of command.description) t.match(words, paragraph);
    for (const { name, description } of command.arguments) t.match(words, `${name} ${description}`);
    for (const [name, option] of Object.entries(optionsOf(command))) {
      const value = option.value === undefined ? '' : ` ${option.value.name}`;
      t.match(words, `--${name}${value} ${option.description}`);
      if (option.default !== undefined) t.match(words, `default ${option.default})`);
    }
    for (const line of text.split('\n'))
      t.ok(line.length <= 80, `a terminal of 80 columns shows in one piece: ${line}`);
  });
}

t.test('a usage line has brackets around each word that may be left out', async (t) => {
  t.match(printHelp('audit'), 'Usage: podnetd audit verify FILE... [FLAGS]\n');
  t.match(printHelp('help'), 'Usage: podnetd help [COMMAND] [FLAGS]\n');
});

t.test('declarations are complete, and speak as one', async (t) => {
  for (const command of all) {
    t.match(command.summary, /^[a-z].*[^.]$/);
    t.match(command.since, /^\d+\.\d+\.\d+$/);
    for (const paragraph of command.description) t.match(paragraph, /^[A-Z].*\.$/);
    for (const [name, { description, since, default: byDefault }] of Object.entries(optionsOf(command))) {
      t.match(name, /^[a-z]+(-[a-z]+)*$/);
      t.match(description, /^([a-z]|JSON).*[^.]$/, name);
      t.match(since, /^\d+\.\d+\.\d+$/, name);
      t.not(byDefault, '', name);
    }
  }
});
