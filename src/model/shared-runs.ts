/** Runs work of one key once at a time. Callers that come during a run share the next one, so each result is newer than its call. */
export class SharedRuns<K, T> {
  readonly #running = new Map<K, Promise<T>>();
  readonly #next = new Map<K, Promise<T>>();

  /** @throws whatever `act` throws */
  async run(key: K, act: () => Promise<T>): Promise<T> {
    const next = this.#next.get(key);
    if (next !== undefined) return await next;
    const running = this.#running.get(key);
    if (running === undefined) return await this.#begin(key, act);
    const begin = async () => {
      this.#next.delete(key);
      return await this.#begin(key, act);
    };
    const following = running.then(begin, begin);
    this.#next.set(key, following);
    return await following;
  }

  async #begin(key: K, act: () => Promise<T>): Promise<T> {
    const run = act().finally(() => void this.#running.delete(key));
    this.#running.set(key, run);
    return await run;
  }
}
