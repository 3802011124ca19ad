import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestDaemon } from './daemon.js';

type LogLine = Readonly<Record<string, unknown>>;

/** The lines of the log about looks at the files of settings, one a look. */
export function reloadReports(daemon: TestDaemon): readonly LogLine[] {
  return daemon.log().filter(({ msg }) => /^(settings read again|the settings are wrong)/.test(String(msg)));
}

/** Puts another podnetd.toml in place, sends SIGHUP, and waits for the log's next line about it. @returns that line */
export async function reload(daemon: TestDaemon, text: string): Promise<LogLine | undefined> {
  const before = reloadReports(daemon).length;
  writeFileSync(`${daemon.settingsFile}.new`, text);
  renameSync(`${daemon.settingsFile}.new`, daemon.settingsFile);
  daemon.process.kill('SIGHUP');
  for (let tries = 0; reloadReports(daemon).length === before && tries < 1_000; tries += 1) await sleep(10);
  return reloadReports(daemon)[before];
}
