/** Runs the work of one key in the order of the calls, and that of different keys side by side. A failure does not stop the next work. */
export class KeyedQueue {
  /** The end of the last work, by key. */
  readonly #tails = new Map<string, Promise<unknown>>();

  /** @throws whatever `act` throws */
  async run<T>(key: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#tails.get(key) ?? Promise.resolve()).then(act);
    const tail = turn.catch(() => undefined);
    this.#tails.set(key, tail);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
