/**
 * Lets a write beyond the limit for the size of a file (`RLIMIT_FSIZE`) be an error of that write, EFBIG. Node ignores the signal that comes
 * with it, until somebody listens to it: signal-exit, which proper-lockfile loads, does, and ends the process unless others listen too.
 *
 * source: node src/node.cc@v20 (ResetSignalHandlers); signal-exit index.js@v3.0.7
 */
export function outliveFileSizeLimit(): void {
  process.on('SIGXFSZ', () => undefined);
}
