import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import type { TestDaemon } from '../support/daemon.js';

/** Networks that other programs write, and checks of a daemon's answers. */

export function writeNetwork(folder: string, name: string, target = path.join(folder, `${name}.conflist`)): void {
  const text = JSON.stringify({ cniVersion: '0.4.0', name, plugins: [{ type: 'bridge', bridge: `br-${name}` }] });
  writeFileSync(target, text);
}

export async function checkShown(t: Test, daemon: TestDaemon, names: readonly string[], what: string): Promise<void> {
  const { status, text } = await daemon.ask('GET', '/networks');
  t.equal(status, 200, text);
  const shown = (JSON.parse(text) as readonly { readonly Name: string }[]).map(({ Name }) => Name).toSorted();
  t.strictSame(shown, ['bridge', ...names].toSorted(), what);
}

/** Asserts that reads and changes are refused with the same message. */
export async function checkRefused(t: Test, daemon: TestDaemon, message: RegExp, what: string): Promise<void> {
  for (const [method, url, body, status] of [
    ['GET', '/networks', undefined, 507],
    ['GET', '/v4.3.1/libpod/networks/a/json', undefined, 507],
    ['GET', '/v3.2.0/libpod/networks/json', undefined, 500],
    ['POST', '/networks/create', { Name: 'new' }, 507],
  ] as const) {
    const answer = await daemon.ask(method, url, body);
    t.equal(answer.status, status, `${what}: ${method} ${url}: ${answer.text}`);
    t.match(answer.json(), { message, response: status }, what);
  }
}

export async function checkCreates(t: Test, daemon: TestDaemon, name: string, what: string): Promise<void> {
  const { status, text } = await daemon.ask('POST', '/networks/create', { Name: name });
  t.equal(status, 201, `${what}: ${text}`);
}

export function checkSane(t: Test, daemon: TestDaemon): void {
  t.notOk(
    daemon.log().some((line) => line['outcome'] === 'internal' || Number(line['level']) >= 60),
    'podnetd logged no bug',
  );
}
