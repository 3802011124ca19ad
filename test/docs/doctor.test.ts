import t from 'tap';
import { checks } from '../../src/doctor/checks/all.js';
import { checkWrittenTable } from './written-table.js';

/** The table of systemd/doctor.md comes from the checks; `npm run limits` writes it, and this test fails when it drifts. */

const place = /(?<=## Codes\n\n)\|.*$/s;

t.test('the page has every code', async (t) => {
  const lines = checks.map(
    ({ code, severity, title, why, fix }) => `| \`${code}\` | ${severity} | ${title}. ${why} | ${fix ?? ''} |`,
  );
  const head = ['| Code | Severity | Finding | `--fix` |', '| --- | --- | --- | --- |'];
  await checkWrittenTable(t, { page: 'systemd/doctor.md', place, lines: [...head, ...lines], script: 'limits' });
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
