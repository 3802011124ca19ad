import { inTurns } from '../../host/own-process/event-loop.js';

/** From the end of a sweep to the next at least, however few files there are. */
const minIntervalMs = 1_000;
/** A sweep takes at most a hundredth of the time. */
const intervalPerDuration = 100;

/**
 * Looks at every file of a folder now and then, because hard links made elsewhere, mounts over a file and changes through either make no event.
 * The first use after a second begins a sweep and gets what its first 2 ms find, which is all of a few hundred files. The rest runs beside other
 * work, for a later use.
 */
export class StampSweep {
  #isLooking = false;
  #dueMs = performance.now() + minIntervalMs;

  /** @param look looks at one file; must not throw */
  constructor(private readonly look: (fileName: string) => void) {}

  /** Begins a sweep if one is due. @param fileNames called only then */
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
