import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { makeScratch } from './scratch.js';

const preload = path.resolve(import.meta.dirname, 'faulty-disk.cjs');

/** A call of `node:fs` that fails, or is late, within a daemon; thousands of them cost what one strace does. */
export interface DiskFault {
  /**
   * `fstat` is that of a file that was just written, `stat` that of one that was just put in place or set aside; the stamps that readers take are
   * not among them.
   */
  readonly call: 'rename' | 'link' | 'unlink' | 'fsync' | 'fstat' | 'stat';
  /**
   * Name of the file, also while it has a temporary one; `folder`; `temporary` for any file under a temporary name; or `any` of these.
   */
  readonly on: string;
  /** `EIO`, `ENOSPC`, …; none: the call is late alone. */
  readonly error?: string;
  /** Before the call; a thread waits with it for all but `fsync`. */
  readonly delayMs?: number;
  /** How many calls, the first ones; all of them unless given. */
  readonly times?: number;
  /** Of the calls that take back what was done, where a file is put back or withdrawn, and of no others. */
  readonly undo?: boolean;
}

export interface Hit {
  readonly call: DiskFault['call'];
  readonly on: string;
  readonly isUndo: boolean;
}

/** The disk of a daemon, healthy at first. */
export interface FaultyDisk {
  /** For the daemon. */
  readonly env: Readonly<Record<string, string>>;
  /** From now on these alone; counting begins anew. */
  set(faults: readonly DiskFault[]): void;
  /** Calls that have failed since the last question. */
  takeHits(): readonly Hit[];
}

export function makeFaultyDisk(t: Test): FaultyDisk {
  const control = path.join(makeScratch(t), 'control');
  const hits = `${control}.hits`;
  let generation = 0;
  const set = (faults: readonly DiskFault[]) => {
    generation += 1;
    // In one step: the daemon reads it at any moment.
    writeFileSync(`${control}.new`, JSON.stringify({ generation, faults }));
    renameSync(`${control}.new`, control);
  };
  set([]);
  return {
    env: { NODE_OPTIONS: `--require=${preload}`, PODNETD_TEST_DISK: control },
    set,
    takeHits() {
      if (!existsSync(hits)) return [];
      const lines = readFileSync(hits, 'utf8').split('\n').slice(0, -1);
      rmSync(hits);
      return lines.map((line) => JSON.parse(line) as Hit);
    },
  };
}
