import { readdirSync } from 'node:fs';
import type { Test } from 'tap';
import { createUrls, dialects, type Dialect } from '../contract/refusals.js';
import type { Answer } from '../support/client.js';
import type { TestDaemon } from '../support/daemon.js';

/** Changes in every dialect, and checks for them when the disk fails. */

const storageStatus: Readonly<Record<Dialect, number>> = { compat: 507, v3: 500, v4: 507 };
const removeUrl = (dialect: Dialect, name: string) => createUrls[dialect].replace('/create', `/${name}`);
export const pruneUrl = (dialect: Dialect) => createUrls[dialect].replace('/create', '/prune');
const bodyOf = (dialect: Dialect, name: string) => (dialect === 'compat' ? { Name: name } : { name });
/** Podman 3 takes the name from the query. */
export const create = async (daemon: TestDaemon, dialect: Dialect, name: string) =>
  await daemon.ask('POST', `${createUrls[dialect]}?name=${name}`, bodyOf(dialect, name));
export const remove = async (daemon: TestDaemon, dialect: Dialect, name: string) =>
  await daemon.ask('DELETE', removeUrl(dialect, name));

export const pidOf = (daemon: TestDaemon) => daemon.process.pid ?? 0;

export function checkRefusal(t: Test, dialect: Dialect, { status, text }: Answer, message: RegExp, what: string): void {
  t.equal(status, storageStatus[dialect], `${dialect}: ${what}: ${text}`);
  const body = JSON.parse(text) as { readonly cause: string; readonly message: string; readonly response: number };
  t.match(body, { cause: message, message, response: storageStatus[dialect] }, `${dialect}: ${what}`);
}

let recoveries = 0;

/** Asserts that a create and a removal work, in the next dialect at each call. @param folder as the test sees it */
export async function checkRecovery(t: Test, daemon: TestDaemon, what: string, folder = daemon.folder): Promise<void> {
  recoveries += 1;
  const dialect = dialects[recoveries % dialects.length] ?? 'compat';
  const made = await create(daemon, dialect, 'after');
  t.equal(made.status, dialect === 'compat' ? 201 : 200, `${what}: ${made.text}`);
  const gone = await remove(daemon, dialect, 'after');
  t.equal(gone.status, dialect === 'compat' ? 204 : 200, `${what}: ${gone.text}`);
  t.strictSame(
    readdirSync(folder).filter((name) => /\.(tmp|old|lock\.lock)$/.test(name)),
    [],
    `${what}: no unfinished file is left`,
  );
  t.notOk(
    daemon.log().some((line) => line['outcome'] === 'internal' || Number(line['level']) >= 60),
    `${what}: podnetd logged no bug`,
  );
}

export async function namesOf(daemon: TestDaemon): Promise<readonly string[]> {
  const { text } = await daemon.ask('GET', '/networks');
  return (JSON.parse(text) as readonly { readonly Name: string }[]).map(({ Name }) => Name).toSorted();
}

export const links = '?link,?linkat';
export const unlinks = '?unlink,?unlinkat';
export const renames = '?rename,?renameat,?renameat2';
export const stats = '?stat,?lstat,?fstat,?newfstatat,?statx';
