import type { IncomingMessage } from 'node:http';

/** Enough for any honest mistake; who sends more is cut off. */
const drainLimitBytes = 16 * 1024 * 1024;
/** Milliseconds without a byte after which the client is taken to have stopped sending. */
const silenceTimeoutMs = 1_000;

/**
 * Reads the rest of a request's body and forgets it. A Unix socket that is closed with bytes unread resets the client's end, answer and all.
 */
export async function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, silenceTimeoutMs);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > drainLimitBytes) done();
      else timer.refresh();
    });
    for (const end of ['end', 'close', 'error'] as const) request.once(end, done);
    request.resume();
  });
}
