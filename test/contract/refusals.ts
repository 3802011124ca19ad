import type { Test } from 'tap';
import { startDaemon, type TestDaemon } from '../support/daemon.js';
import { snapshotFolder } from '../support/snapshot-folder.js';

export const createUrls = {
  compat: '/v1.41/networks/create',
  v3: '/v3.2.0/libpod/networks/create',
  v4: '/v4.3.1/libpod/networks/create',
} as const;
export type Dialect = keyof typeof createUrls;

/** The text before Go's words about a body, and the status. */
export const decoding: Readonly<Record<Dialect, { prefix: string; status: number }>> = {
  compat: { prefix: 'Decode(): ', status: 400 },
  v3: { prefix: 'Decode(): ', status: 500 },
  v4: { prefix: 'failed to decode request JSON payload: ', status: 400 },
};
export const dialects = Object.keys(createUrls) as Dialect[];

export interface Refusal {
  readonly dialect: Dialect;
  readonly body: unknown;
  readonly query?: string;
  readonly status: number;
  readonly message: string;
  /** The cause, if it is not the message. */
  readonly cause?: string;
}

/** A daemon that has one network, `taken`: 10.221.0.0/24 on the bridge br-taken. */
export async function startWithNetwork(t: Test): Promise<TestDaemon> {
  const daemon = await startDaemon(t);
  const body = { name: 'taken', network_interface: 'br-taken', subnets: [{ subnet: '10.221.0.0/24' }] };
  t.equal((await daemon.ask('POST', createUrls.v4, body)).status, 200);
  return daemon;
}

/** Sends all requests, and asserts the answers, an unchanged folder and a daemon that goes on serving. */
export async function refuseAll(t: Test, refusals: readonly Refusal[]): Promise<void> {
  const daemon = await startWithNetwork(t);
  const before = snapshotFolder(daemon.folder);
  for (const { dialect, body, query = '', status, message, cause = message } of refusals) {
    const answer = await daemon.ask('POST', createUrls[dialect] + query, body);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    t.equal(answer.status, status, `${dialect} ${query}${show(text)}`);
    t.strictSame(parse(answer.text), { cause, message, response: status });
    t.equal(answer.headers['content-type'], 'application/json');
  }
  t.strictSame(snapshotFolder(daemon.folder), before, 'the folder is as it was');
  await checkServes(t, daemon);
}

export async function checkServes(t: Test, daemon: TestDaemon): Promise<void> {
  t.equal((await daemon.ask('GET', '/networks/taken')).status, 200, 'the daemon still shows the network');
  t.equal((await daemon.ask('POST', createUrls.v4, { name: 'after' })).status, 200, 'the daemon still creates');
  t.notOk(
    daemon.log().some((line) => line['outcome'] === 'internal' || Number(line['level']) >= 50),
    'podnetd logged no bug',
  );
}

/** The parsed JSON, or the text itself, so that a failure shows the difference. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A text for the name of a test: short, in one line, ASCII. */
function show(text: string): string {
  return encodeURI(text.toWellFormed())
    .replaceAll(/%(20|22|7B|7D|5B|5D)/g, (code) => decodeURI(code))
    .slice(0, 100);
}

export const v4 = (subnet: object, more: object = {}) => ({
  dialect: 'v4' as const,
  body: { name: 'x', subnets: [subnet], ...more },
  status: 400,
});
export const pool = (config: object, more: object = {}) => ({
  dialect: 'compat' as const,
  body: { Name: 'x', IPAM: { Config: [config] }, ...more },
  status: 400,
});
export const v3 = (body: object) => ({ dialect: 'v3' as const, body, query: '?name=x', status: 500 });
export const mask = (...bytes: number[]) => Buffer.from(bytes).toString('base64');
