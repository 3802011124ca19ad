import type { Sight } from '../dependencies/draft.js';
import type { AttachmentRuntime } from '../dependencies/runtime.js';

/** The attachments of every network, with which a connect may collide, and which of the networks the client knows of. */
export interface AttachedHost extends Pick<AttachmentRuntime, 'known' | 'unfinished'>, Pick<Sight, 'seesNetwork'> {}

/** For a client that knows of every network. */
export function showHost(runtime: Pick<AttachmentRuntime, 'known' | 'unfinished'>): AttachedHost {
  return {
    known: async () => await runtime.known(),
    unfinished: () => runtime.unfinished(),
    seesNetwork: () => true,
  };
}
