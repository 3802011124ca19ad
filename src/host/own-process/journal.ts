import { fstatSync } from 'node:fs';

/**
 * Whether a descriptor leads to the journal, which then reads a priority at the beginning of each line.
 *
 * source: systemd.exec(5), $JOURNAL_STREAM: device and inode of the stream, of standard error where both lead to streams of their own
 */
export function isJournal(fd: number, stream: string | undefined): boolean {
  if (stream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** source: sd-daemon(3), syslog(3); levels are pino's */
const priorities: readonly (readonly [level: number, priority: number])[] = [
  [60, 2],
  [50, 3],
  [40, 4],
  [30, 6],
];
const debug = 7;

/** Puts the priority of a level before each line, because the journal takes each line for an entry of its own. */
export function addPriority(lines: string, level: number): string {
  const [, priority = debug] = priorities.find(([least]) => level >= least) ?? [];
  return lines.replaceAll(/^(?=.)/gm, `<${priority}>`);
}
