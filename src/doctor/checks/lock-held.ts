import { declareCheck } from './check.js';

export const lockHeld = declareCheck({
  code: 'lock-held',
  severity: 'error',
  title: 'A process keeps the lock of the folder',
  why: 'podnetd and Podman cannot change networks meanwhile: each request waits, and then fails.',
  fix: undefined,
  follows: [],
  look: ({ heldLock }) =>
    heldLock === undefined
      ? []
      : [
          {
            seen: `${heldLock.path}: ${heldLock.holder} has it, for ${heldLock.heldMs} ms at least`,
            remedy: `look at the process, and end it if it hangs; "fuser -v ${heldLock.path}" finds it`,
            about: [],
          },
        ],
});
