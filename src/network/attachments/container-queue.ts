/** Runs operations on one container one after the other, and on different containers side by side. */
export class ContainerQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  async run<T>(containerId: string, act: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(containerId) ?? Promise.resolve();
    const turn = before.then(act, act);
    const tail = turn.catch(() => {});
    this.#tails.set(containerId, tail);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(containerId) === tail) this.#tails.delete(containerId);
    }
  }
}
