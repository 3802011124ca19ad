import t from 'tap';
import { findLine } from '../../src/config/toml-line.js';
import type { ValuePath } from '../../src/config/toml-line.js';

const pools = ['network', 'default_subnet_pools'];

const cases: readonly { name: string; text: string; at: ValuePath; line: number | undefined }[] = [
  { name: 'table', text: '# first\n\n[network]\n# note\nx = 1\ny = 2\n', at: ['network', 'y'], line: 6 },
  { name: 'first line', text: 'network.x = 1', at: ['network', 'x'], line: 1 },
  { name: 'dotted', text: 'a = 1\nnetwork . "x" = 2\n', at: ['network', 'x'], line: 2 },
  { name: 'inline table', text: 'a = 1\nnetwork = { x = 2 }\n', at: ['network', 'x'], line: 2 },
  { name: 'same key elsewhere', text: '[other]\nx = 1\n[network]\nx = 2\n', at: ['network', 'x'], line: 4 },
  { name: 'CRLF', text: '[network]\r\n\r\nx = 1\r\n', at: ['network', 'x'], line: 3 },
  { name: 'key in a comment', text: '[network]\n# x = 1\nx = 2\n', at: ['network', 'x'], line: 3 },
  {
    name: 'key in a multi-line string',
    text: 's = """\n[network]\nx = 1\n"""\n[network]\nx = 2\n',
    at: ['network', 'x'],
    line: 6,
  },
  {
    name: 'start of a multi-line value',
    text: '[network]\na = 1\n\nx = [\n  "a",\n  "b",\n]\nz = 1\n',
    at: ['network', 'x', 1],
    line: 4,
  },
  {
    name: 'second of an array of tables',
    text: '[[network.default_subnet_pools]]\nbase = "a"\n\n[[network.default_subnet_pools]]\nsize = 1\nbase = "b"\n',
    at: [...pools, 1, 'base'],
    line: 6,
  },
  {
    name: 'nearest parent of a missing key',
    text: '[network]\n[[network.default_subnet_pools]]\nbase = "a"\n',
    at: [...pools, 0, 'size'],
    line: 2,
  },
  { name: 'nothing there', text: '[other]\nx = 1\n', at: ['network', 'x'], line: undefined },
];

for (const { name, text, at, line } of cases) {
  t.test(name, async (t) => {
    t.equal(findLine(text, at), line);
  });
}

t.test('every key of a long file', async (t) => {
  const lines = Array.from({ length: 700 }, (_, index) => (index % 3 === 0 ? `k${index} = [\n1,\n]` : `k${index} = 1`));
  const text = lines.join('\n');
  for (const index of [0, 1, 2, 3, 350, 698, 699]) {
    const expected = text.split('\n').findIndex((line) => line.startsWith(`k${index} =`)) + 1;
    t.equal(findLine(text, [`k${index}`]), expected, `k${index}`);
  }
});
