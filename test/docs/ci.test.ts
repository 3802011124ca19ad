import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { project, readPage } from './page.js';

/** CI does what README asks of a reader, with the same commands and the same versions of Node. */

const readme = readPage('README.md');
const lines = readFileSync(path.join(project, '.ci/run'), 'utf8')
  .split('\n')
  .map((line) => line.trim());

/** The commands of a line such as `npm ci && npm test`. */
const split = (command: string) => command.split('&&').map((part) => part.trim());

/** @returns the number of the line in `.ci/run` that runs a command, perhaps with more flags */
function findLine(command: string): number {
  return lines.findIndex((line) =>
    [line, line.replace(/^run_suite /, '')].some(
      (run) => run === command || run.startsWith(`${command} -- `) || run === `${command} --`,
    ),
  );
}

t.test('CI runs the commands of README, in their order', async (t) => {
  const tests = readme.blocks.filter(({ text }) => text.includes('npm test')).map(({ text }) => text.trim());
  t.equal(tests.length, 1, 'one command passes the tests');
  const packaging = [...readme.text.matchAll(/`(npm ci && npm run package)`/g)].map(([, command = '']) => command);
  t.equal(packaging.length, 1, 'one command makes the packages');
  for (const command of [...tests, ...packaging]) {
    const places = split(command).map(findLine);
    t.ok(
      places.every((place) => place !== -1),
      `${command}: ${places.join(', ')}`,
    );
    t.same(
      places,
      places.toSorted((a, b) => a - b),
      'in this order',
    );
  }
  // `test/packages/lifetime.packages.ts` installs by the very lines of README.
  t.ok(findLine('npm run package') < findLine('npm run test:packages'), 'CI installs the packages that it has made');
});

t.test('CI runs the versions of Node that README names', async (t) => {
  const named = /CI runs it with ([\d, and]+)/.exec(readme.text)?.[1]?.match(/\d+/g);
  const others = /^for major in ([\d ]+); do run_suite \.ci\/test-node/
    .exec(lines.find((line) => line.startsWith('for major')) ?? '')?.[1]
    ?.split(' ');
  t.ok(named !== undefined && others !== undefined);
  const { engines } = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8')) as {
    readonly engines: { readonly node: string };
  };
  const oldest = /Node\.js (\d+) or newer/.exec(readme.text)?.[1] ?? '';
  t.match(engines.node, new RegExp(`^>=\\s*${oldest}`), 'the package takes the same');
  t.same(named, [oldest, ...(others ?? [])], 'the oldest is that of the machine');
});
