import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { makeScratch } from './scratch.js';

const preload = path.resolve(import.meta.dirname, 'faulty-disk.cjs');

/** A call of `node:fs` that fails, or is late, within a daemon; thousands of such calls cost as little as one strace. */
export interface DiskFault {
  /**
   * `fstat` after a file was written, `stat` after a file was put in place or set aside; not the stamps that readers take.
   */
  readonly call: 'rename' | 'link' | 'unlink' | 'fsync' | 'fstat' | 'stat';
  /**
   * Name of the file, which may have a temporary name now; `folder`; `temporary` for any file under a temporary name; or `any` of these.
   */
  readonly on: string;
  /** `EIO`, `ENOSPC`, …; undefined: the call is only late. */
  readonly error?: string;
  /** Delay before the call. It blocks the calling thread, except before `fsync`. */
  readonly delayMs?: number;
  /** Number of calls with the fault, from the first on; every call by default. */
  readonly times?: number;
  /** True: only calls of an undo, which put a file back or withdraw one; else only other calls. */
  readonly undo?: boolean;
}

export interface Hit {
  readonly call: DiskFault['call'];
  readonly on: string;
  readonly isUndo: boolean;
}

/** The disk of a daemon, at first without faults. */
export interface FaultyDisk {
  /** Variables for the daemon. */
  readonly env: Readonly<Record<string, string>>;
  /** Replaces all faults, and counts from zero again. */
  set(faults: readonly DiskFault[]): void;
  /** Calls that failed since the last `takeHits`. */
  takeHits(): readonly Hit[];
}

export function makeFaultyDisk(t: Test): FaultyDisk {
  const control = path.join(makeScratch(t), 'control');
  const hits = `${control}.hits`;
  let generation = 0;
  const set = (faults: readonly DiskFault[]) => {
    generation += 1;
    // Renamed into place, because the daemon may read the file at any moment.
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
