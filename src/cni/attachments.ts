import type { AttachmentReader, AttachmentView } from '../network/ports.js';

export class AttachmentIndex implements AttachmentReader {
  async look(): Promise<AttachmentView> {
    return await Promise.resolve(this.view());
  }

  /** The state of now, provided that the event loop has polled since. */
  view(): AttachmentView {
    return { of: () => [], usersOf: () => [] };
  }
}
