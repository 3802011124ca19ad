import type { ServerResponse } from 'node:http';

/** Who has this many bytes of events unread misses events, and is shown so by the end of the stream. */
const bufferBytes = 1024 * 1024;

export interface EventStreamOptions {
  /** How long a client may take nothing of what happened before. */
  readonly answerTimeoutMs: number;
  /** Is called when the stream is cut because its client does not read. */
  onCut(details: { readonly bufferBytes: number }): void;
}

/**
 * The lines of one client: first those of before, at the pace at which the client reads, then those that come. The latter wait for nobody, so
 * as many as fit are kept for a client that is slower.
 */
export class EventStream {
  /** Lines that came while earlier ones are still being sent; undefined from then on. */
  #waiting: string[] | undefined;
  #waitingBytes = 0;
  #isEnding = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly options: EventStreamOptions,
  ) {}

  /** Sends what happened before. @param lines are asked for one by one, when the client has taken the last */
  async replay(lines: Iterable<string>): Promise<void> {
    const { response } = this;
    const waiting: string[] = (this.#waiting = []);
    response.socket?.setTimeout(this.options.answerTimeoutMs);
    for (const line of lines) {
      if (response.destroyed) return;
      response.write(line);
      if (response.writableNeedDrain) await taken(response);
    }
    response.socket?.setTimeout(0);
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    for (const line of waiting) this.push(line);
    if (this.#isEnding) response.end();
  }

  /** Sends what happens now. */
  push(line: string): void {
    const { response } = this;
    if (response.destroyed || response.writableEnded) return;
    // A line alone is never too long: it is what was there before that the client did not read.
    if (response.writableLength + this.#waitingBytes > bufferBytes) return this.#cut();
    if (this.#waiting === undefined) response.write(line);
    else {
      this.#waiting.push(line);
      this.#waitingBytes += line.length;
    }
  }

  /** There is nothing more to send: the stream ends behind what happened before. */
  end(): void {
    if (this.#waiting === undefined) this.response.end();
    else this.#isEnding = true;
  }

  #cut(): void {
    this.options.onCut({ bufferBytes });
    this.response.destroy();
  }
}

async function taken(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
