import type { AttachedHost, AttachmentRuntime } from '../dependencies/runtime.js';

/** The attachments of the host for a client that knows of every network. */
export function showHost(runtime: Pick<AttachmentRuntime, 'known' | 'unfinished'>): AttachedHost {
  return {
    known: async () => await runtime.known(),
    unfinished: () => runtime.unfinished(),
    seesNetwork: () => true,
  };
}
