import { pollOnce } from '../../host/own-process/event-loop.js';

/** Looks at a folder once the event loop has read the events of earlier changes. Calls that one poll serves share one look. */
export class SharedLook {
  /** The look whose poll has not begun. */
  #coming: Promise<void> | undefined;

  constructor(private readonly look: () => void) {}

  /** @throws whatever `look` throws */
  async run(): Promise<void> {
    this.#coming ??= this.#pollAndLook();
    await this.#coming;
  }

  async #pollAndLook(): Promise<void> {
    await pollOnce(() => (this.#coming = undefined));
    this.look();
  }
}
