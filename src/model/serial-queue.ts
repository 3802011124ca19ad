/** Runs one piece of work after the other, in the order of the calls. A failure does not stop the next ones. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  async run<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }
}
