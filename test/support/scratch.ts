import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';

/** An empty folder that goes away with the test; its path is short enough for a Unix socket, unlike that of `t.testdir()`. */
export function makeScratch(t: Test): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'podnetd-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
