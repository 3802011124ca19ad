import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Test } from 'tap';

/** A table of a page that comes from the code. */
export interface WrittenTable {
  /** From the top of the project, such as `systemd/limits.md`. */
  readonly page: string;
  /** The table in the page. */
  readonly place: RegExp;
  /** Lines of Markdown: head, rule and rows. */
  readonly lines: readonly string[];
  /** The script of package.json that writes the table: it sets `LIMITS_WRITE=1` for `limits`. */
  readonly script: string;
}

/** Fails where the page has another table than the code, and writes it when the script runs. */
export async function checkWrittenTable(t: Test, { page, place, lines, script }: WrittenTable): Promise<void> {
  const file = path.resolve(import.meta.dirname, '../..', page);
  const text = [...lines, ''].join('\n');
  const printed = await format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
  const found = readFileSync(file, 'utf8');
  t.match(found, place, 'there is a table');
  const wanted = found.replace(place, () => printed);
  if (process.env[`${script.toUpperCase()}_WRITE`] === '1') writeFileSync(file, wanted);
  t.equal(readFileSync(file, 'utf8'), wanted, `the table agrees with the code; else run \`npm run ${script}\``);
}
