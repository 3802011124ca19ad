import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { makeScratch } from './scratch.js';

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Opens a file in a browser of its own. @returns the document as HTML, after its scripts, if it has any */
export async function openPage(t: Test, file: string): Promise<string> {
  const args = [...quiet, `--user-data-dir=${makeScratch(t)}`, '--dump-dom', `file://${file}`];
  const { stdout } = await promisify(execFile)('chromium', args, { timeout: 100_000, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
