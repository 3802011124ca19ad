import { pollOnce } from '../../host/own-process/event-loop.js';
import type { TrackedFolder } from './tracked-folder.js';

/** Looks at a folder once the event loop has read the events of earlier changes. Calls that one poll serves share one look. */
export class SharedLook {
  /** The look whose poll has not begun. */
  #coming: Promise<void> | undefined;

  constructor(
    private readonly look: () => void,
    /** The folder that it looks at. */
    private readonly folder: Pick<TrackedFolder, 'isUnread' | 'readFirst'>,
  ) {}

  /** @throws whatever `look` throws */
  async run(): Promise<void> {
    this.#coming ??= this.#pollAndLook();
    await this.#coming;
  }

  async #pollAndLook(): Promise<void> {
    try {
      if (this.folder.isUnread) await this.folder.readFirst();
    } catch (error) {
      this.#coming = undefined;
      throw error;
    }
    await pollOnce(() => (this.#coming = undefined));
    this.look();
  }
}
