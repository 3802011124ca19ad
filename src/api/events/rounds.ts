/** How long writing to streams may have the event loop before others get it. */
const maxTurnMs = 2;

/** One that writes a part of what it has to, and says whether there is more that it could write. */
export type Writer = () => boolean;

/** Lets any number of streams write in turn, for a share of the event loop's time. */
export class EventRounds {
  /** Streams with events to write, the one that waits the longest first. */
  readonly #ready = new Set<Writer>();
  #isDue = false;

  add(writer: Writer): void {
    this.#ready.add(writer);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    this.#isDue = false;
    const until = performance.now() + maxTurnMs;
    // A writer that is added on the way stands last, and the same walk comes to it.
    for (const writer of this.#ready) {
      this.#ready.delete(writer);
      if (writer()) this.add(writer);
      if (performance.now() > until) break;
    }
    const [next] = this.#ready;
    if (next !== undefined) this.add(next);
  }
}
