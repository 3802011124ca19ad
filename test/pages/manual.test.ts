import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { optionsOf, type Command } from '../../src/commands/command.js';
import { commands } from '../../src/commands/commands.js';
import { program } from '../../src/commands/program.js';
import { describeOption, formatOption, formatUsage } from '../../src/commands/words.js';
import { keysOf } from '../../src/config/declared-key.js';
import type { OptionDeclaration } from '../../src/config/option.js';
import { settingsFiles } from '../../src/config/settings-files.js';
import { item, page, plain } from '../../src/pages/manual/roff.js';
import { finish } from '../../src/pages/manual/sentence.js';
import { makePages } from '../../src/pages/pages.js';
import { dialects } from '../../src/server/app.js';
import { makeScratch } from '../support/scratch.js';
import { missing } from '../support/tools.js';

/** Manual pages have what is declared, and nothing else, and `man` has no complaint. */

const root = path.resolve(import.meta.dirname, '../..');
const skip = missing('man', 'lexgrog');
const files = await makePages();
const manuals = files.filter((file) => file.path.startsWith('man/'));

/** As a reader sees it, with single spaces between all words. */
function render(file: string): { readonly text: string; readonly complaints: string } {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '400', MAN_KEEP_FORMATTING: '' };
  const { stdout, stderr } = spawnSync('man', ['--warnings', '-l', file], { env, encoding: 'utf8' });
  return { text: stdout.replaceAll(/\s+/g, ' '), complaints: stderr };
}

function renderPage(name: string): string {
  return render(path.join(root, 'dist/man', name)).text;
}

t.test('the build has written every page, the same bytes again', async (t) => {
  for (const { path: file, text } of files) t.equal(readFileSync(path.join(root, 'dist', file), 'utf8'), text, file);
  const written = readdirSync(path.join(root, 'dist/man')).map((name) => `man/${name}`);
  t.same(new Set(written), new Set(manuals.map((file) => file.path)));
  t.same(
    new Set(program.pages),
    new Set(manuals.map((file) => path.basename(file.path).replace(/\.(\d)$/, '($1)'))),
    'help names all pages',
  );
});

t.test('npm install --global links every page', async (t) => {
  const { man } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    readonly man: readonly string[];
  };
  t.same(new Set(man), new Set(manuals.map((file) => `dist/${file.path}`)));
});

t.test('man formats each page without a warning, and finds its name', { skip }, async (t) => {
  for (const { path: file, text } of manuals) {
    const { complaints, text: seen } = render(path.join(root, 'dist', file));
    t.equal(complaints, '', file);
    t.notMatch(text, /[^\t\n\x20-\x7e]/, 'every terminal can show the characters');
    t.notMatch(seen, /Podnetd|`/, `${file} has the name as it is typed, and no marks of Markdown`);
    t.equal(spawnSync('lexgrog', [path.join(root, 'dist', file)]).status, 0, `whatis can index ${file}`);
  }
});

t.test('each page leads to the others, and not to itself', { skip }, async (t) => {
  for (const { path: file } of manuals) {
    const name = path.basename(file).replace(/\.(\d)$/, '($1)');
    const [, seen = ''] = renderPage(path.basename(file)).split('SEE ALSO ');
    const pages = seen.match(/[\w.-]+\(\d\)/g) ?? [];
    const ours = pages.filter((page) => program.pages.some((one) => one === page));
    t.same(
      ours,
      program.pages.filter((page) => page !== name),
      name,
    );
  }
});

t.test('man complains of a page that is wrong', { skip }, async (t) => {
  const file = path.join(makeScratch(t), 'wrong.1');
  writeFileSync(file, '.TH WRONG 1\n.SH NAME\nwrong \\- x\n.ab\\*[nothing]\n.zz\n\\F\n');
  t.not(render(file).complaints, '');
});

t.test('text cannot be taken for roff', { skip }, async (t) => {
  const odd = ".TH no macro, 'so nor this; \\fBback\\\\slash --flag 'quoted' \"twice\" \\n(.g";
  const file = path.join(makeScratch(t), 'odd.1');
  writeFileSync(file, page({ name: 'odd', section: 1, summary: '"x"' }, item(plain(odd), plain(`${odd}\n${odd}`))));
  const { text, complaints } = render(file);
  t.equal(complaints, '');
  t.equal(text.split(odd).length - 1, 3);
});

function describe(name: string, option: OptionDeclaration): string {
  return `${formatOption(name, option)} ${finish(describeOption(option))} Since podnetd ${option.since}.`;
}

t.test('podnetd(1) has every command and flag, in the words of the help', { skip }, async (t) => {
  const text = renderPage('podnetd.1');
  const all: readonly Command[] = commands;
  for (const command of all) {
    const [, about = ''] = text.split(` podnetd ${command.name} ${command.description[0]}`);
    const [mine = ''] = about.split(/ Every command | podnetd \w+ [A-Z]/);
    for (const one of [formatUsage(command).replace('podnetd serve', 'podnetd [serve]'), ...command.description])
      t.match(text, one);
    for (const { name, description } of command.arguments) t.match(mine, `${name} ${finish(description)}`);
    for (const name of Object.keys(command.options)) t.match(mine, `--${name}`, `${command.name} --${name}`);
  }
  // Commands that share a declaration share its description.
  const declared = new Set(
    all.flatMap((command) => Object.entries(optionsOf(command)).map(([name, option]) => describe(name, option))),
  );
  for (const words of declared) {
    const anew = new Set(
      all.flatMap((command) =>
        Object.entries(optionsOf(command))
          .filter(([name, option]) => describe(name, option) === words)
          .map(([, option]) => option),
      ),
    );
    t.equal(text.split(` ${words}`).length - 1, anew.size, words);
  }
  const facts = [...program.variables, ...program.exits, ...program.files];
  for (const [term, about] of facts) t.match(text, `${term} ${finish(about)}`);
});

for (const file of settingsFiles) {
  t.test(`${file.page}(5) has every key of ${file.name}`, { skip }, async (t) => {
    const text = renderPage(`${file.page}.5`);
    const keys = keysOf(file);
    t.ok(keys.length > 3);
    for (const { table, name, about, form, default: byDefault, since } of keys) {
      t.match(text, `[${table}]`);
      t.match(text, `${name} = ${form} ${about} The default is ${byDefault}. Since podnetd ${since}.`);
    }
    for (const place of file.places) t.match(text, place);
  });
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>;
}

t.test('podnetd-api(7) has the operations of the OpenAPI documents, and no other', { skip }, async (t) => {
  const text = renderPage('podnetd-api.7');
  const operations = dialects.flatMap(({ name }) => {
    const { paths } = parse(readFileSync(path.join(root, `openapi/${name}.yaml`), 'utf8')) as Document;
    return Object.entries(paths).flatMap(([url, methods]) =>
      Object.entries(methods).map(([method, { summary }]) => `${method.toUpperCase()} ${url} ${finish(summary)}`),
    );
  });
  for (const operation of operations) t.match(text, ` ${operation} `);
  const shown = text.match(/ (?:GET|HEAD|POST|PUT|PATCH|DELETE) \//g) ?? [];
  t.equal(shown.length, operations.length);
});
