/**
 * Makes a write beyond the size limit for files (`RLIMIT_FSIZE`) fail with EFBIG and nothing else. Node ignores SIGXFSZ until a module listens
 * to it. signal-exit, which proper-lockfile loads, listens, and ends the process unless another listener exists.
 *
 * source: node src/node.cc@v20 (ResetSignalHandlers); signal-exit index.js@v3.0.7
 */
export function outliveFileSizeLimit(): void {
  process.on('SIGXFSZ', () => undefined);
}
