import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import t from 'tap';
import { checks } from '../../src/doctor/checks/all.js';

/** The table of systemd/doctor.md comes from the checks; `npm run limits` writes it, and this test fails when it drifts. */

const file = path.resolve(import.meta.dirname, '../../systemd/doctor.md');
const table = /(?<=## Codes\n\n)\|.*$/s;

t.test('the page has every code', async (t) => {
  const lines = checks.map(
    ({ code, severity, title, why, fix }) => `| \`${code}\` | ${severity} | ${title}. ${why} | ${fix ?? ''} |`,
  );
  const text = ['| Code | Severity | Finding | `--fix` |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
  const printed = await format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
  const page = readFileSync(file, 'utf8');
  t.match(page, table, 'there is a table');
  const wanted = page.replace(table, () => printed);
  if (process.env['LIMITS_WRITE'] === '1') writeFileSync(file, wanted);
  t.equal(readFileSync(file, 'utf8'), wanted, 'the table agrees with the code; else run `npm run limits`');
});

t.test('codes differ, and follow from codes that there are, in no circle', async (t) => {
  const codes = checks.map(({ code }) => code);
  t.equal(new Set(codes).size, codes.length);
  const followsOf = new Map(checks.map(({ code, follows }) => [code, follows]));
  const reach = (code: string, path: readonly string[]): void => {
    t.ok(followsOf.has(code), code);
    t.notOk(path.includes(code), `${[...path, code].join(' < ')} is no circle`);
    if (!path.includes(code)) for (const cause of followsOf.get(code) ?? []) reach(cause, [...path, code]);
  };
  for (const code of codes) reach(code, []);
});
