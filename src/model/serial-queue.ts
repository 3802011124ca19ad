/** Runs what it is given one after the other, in the order in which it was asked; what fails holds up nobody. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  async run<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }
}
