import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { joinAddresses } from '../../src/config/addresses.js';
import { parsePodnetdToml } from '../../src/config/podnetd-toml-file.js';
import { cidr } from '../support/addresses.js';
import { isManner } from './manner.js';
import { brokenLink, project, readPage, readPages } from './page.js';

/** Pages that a newcomer reads: links lead somewhere, no command goes untested without a reason, README is short. */

t.test('links and anchors between pages resolve', async (t) => {
  const pages = readPages();
  t.ok(
    pages.some(({ links }) => links.some((target) => target.includes('#'))),
    'there are anchors to look for',
  );
  for (const page of pages)
    t.strictSame(
      page.links.map((target) => brokenLink(page, target)).filter((broken) => broken !== undefined),
      [],
      page.name,
    );
});

t.test('README.md can be read in one sitting', async (t) => {
  t.ok(Buffer.byteLength(readPage('README.md').text) <= 10 * 1024, 'no more than 10 KiB');
});

t.test('every block is run, or has a reason', async (t) => {
  const blocks = readPages().flatMap(({ name, blocks }) =>
    blocks.map((block) => ({ ...block, where: `${name}:${block.line}` })),
  );
  for (const { where, language, note, text } of blocks) {
    t.ok(['sh', 'console', 'text', 'toml'].includes(language), `${where}: ${language} is a known language`);
    if (language === 'toml')
      t.doesNotThrow(
        () =>
          joinAddresses(
            parsePodnetdToml('podnetd.toml', text, () => cidr('fd00::/48')),
            undefined,
            undefined,
          ),
        `${where} is a good file`,
      );
    if (language === 'sh') t.ok(note === '' || isManner(note), `${where}: <!-- ${note} --> says how it is run`);
    if (language === 'console') t.match(note, /^not run: \S/, `${where}: there is a reason`);
  }
  const notRun = blocks.filter(({ language }) => language === 'console');
  t.ok(notRun.length <= 4, `blocks that no test runs are few: ${notRun.map(({ where }) => where).join(', ')}`);
});

t.test('the tests that hold a promise are there', async (t) => {
  const [, section = ''] = /^## What is promised.*?$(.*?)^## /ms.exec(readPage('test/README.md').text) ?? [];
  const rows = section.matchAll(/^\| [^|]+ \| ([^|]*`[^|]*) \|[^|]*\|$/gm);
  const names = [...rows].flatMap(([, held = '']) => [...held.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
  t.ok(names.length > 50, 'the table is found');
  const missing = names.filter((name) => !isTest(name));
  t.strictSame(missing, []);
});

t.test('pages of the source name files that are there', async (t) => {
  const source = path.join(project, 'src');
  const rooms = readdirSync(source, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? entry.name : [],
  );
  const named = new RegExp(String.raw`\`((?:${rooms.join('|')})/[\w./-]+)\``, 'g');
  const pages = readPages().filter(({ name }) => name.startsWith('src/'));
  t.equal(pages.length, rooms.length + 1, 'each room has a page');
  for (const { name, text } of pages) {
    const names = [...text.matchAll(named)].map(([, found = '']) => found);
    t.ok(names.length > 0, `${name} names files`);
    const missing = names.filter(
      (found) => !['.ts', ''].some((ending) => existsSync(path.join(source, found + ending))),
    );
    t.strictSame(missing, [], name);
  }
});

/** `…` stands for `contract`, as in the row; `*` for any text. */
function isTest(name: string): boolean {
  const [start = '', ...more] = name.replace(/^…/, 'contract').split('*');
  const file = path.join(project, 'test', start);
  if (more.length === 0) return ['.test.ts', '.ts', ''].some((ending) => existsSync(`${file}${ending}`));
  return readdirSync(path.dirname(file)).some((found) => found.startsWith(path.basename(file)));
}
