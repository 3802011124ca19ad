import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { daemonScript, startDaemon, type DaemonOptions, type TestDaemon } from './daemon.js';
import { makeScratch } from './scratch.js';

/** A line of an audit file. */
export interface AuditLine {
  readonly event: string;
  readonly id: string;
  readonly operation: string;
  readonly network?: string;
  readonly status: number;
  readonly outcome: string;
  readonly changes: readonly { readonly file: string; readonly before: string | null; readonly after: string | null }[];
}

export function readAuditLines(file: string): readonly AuditLine[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditLine);
}

/** The lines with an outcome of a request. */
export function readRequests(file: string): readonly AuditLine[] {
  return readAuditLines(file).filter(({ event }) => event === 'request');
}

/** Runs `podnetd audit verify`. */
export function verifyAudit(...files: readonly string[]) {
  return spawnSync(process.execPath, [daemonScript, 'audit', 'verify', ...files], { encoding: 'utf8' });
}

/** @param rest further keys of the table, a line each */
export function auditToml(file: string, rest = ''): string {
  return `[audit]\nfile = "${file}"\n${rest}`;
}

export async function startAudited(
  t: Test,
  { rest, file = path.join(makeScratch(t), 'audit.jsonl'), ...options }: AuditedOptions = {},
): Promise<{ readonly file: string; readonly daemon: TestDaemon }> {
  return { file, daemon: await startDaemon(t, { ...options, podnetdToml: auditToml(file, rest) }) };
}

export interface AuditedOptions extends DaemonOptions {
  readonly rest?: string;
  /** In a folder of its own by default. */
  readonly file?: string;
}

export async function createNetwork(daemon: TestDaemon, name: string) {
  return await daemon.ask('POST', '/v5.4.2/libpod/networks/create', { name });
}
