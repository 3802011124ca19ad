import { inTurns } from '../../host/own-process/event-loop.js';

/** Not more often than that, however few files there are. */
const minIntervalMs = 1_000;
/** A hundredth of the time at most goes into looking. */
const intervalPerDuration = 100;

/**
 * Looks at every file of a folder now and then: a hard link that is made elsewhere, a mount over a file and what is changed through either
 * make no event. The first use after a second begins a look, and gets what 2 ms of it find, which is all of a few hundred files; the rest is
 * done beside other work, and is there for a later use.
 */
export class StampSweep {
  #isLooking = false;
  #dueMs = performance.now() + minIntervalMs;

  /** @param look at one file; it must not throw */
  constructor(private readonly look: (fileName: string) => void) {}

  /** @param fileNames asked for when a look is due */
  begin(fileNames: () => Iterable<string>): void {
    if (this.#isLooking || performance.now() < this.#dueMs) return;
    this.#isLooking = true;
    void this.#run([...fileNames()]);
  }

  async #run(fileNames: readonly string[]): Promise<void> {
    const begunMs = performance.now();
    await inTurns(fileNames, this.look);
    const endedMs = performance.now();
    this.#dueMs = endedMs + Math.max(minIntervalMs, intervalPerDuration * (endedMs - begunMs));
    this.#isLooking = false;
  }
}
