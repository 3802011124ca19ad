import * as fs from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { codeOf, reasonOf } from '../native-error.js';

export interface LogOutputOptions {
  /** Bytes of lines that wait for a slow reader; lines beyond that are dropped and counted. */
  readonly limitBytes: number;
  /** Is called after a loss of lines, when all waiting lines are written. */
  onBack(droppedLines: number): void;
  /** Is called once when writes begin to fail; a slow reader is no failure. */
  onFailure(reason: string): void;
}

/** Pause before another write to a slow reader. It doubles, because a terminal may be stopped for hours. */
const retryMs = { first: 10, longest: 250 };
/** Pause before another write after a failure: a full disk, a pipe without a reader. */
const failureRetryMs = 1_000;

/**
 * Writes log lines to a descriptor at once while the reader reads, and neither blocks the event loop nor piles lines up without end. pino's
 * own destination (sonic-boom) cannot do both: it either sleeps in the event loop while the reader does not read, or writes in a thread, where
 * a write that hangs keeps the process from ending.
 */
export class LogOutput {
  readonly #fd: number;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #dropped = 0;
  #pauseMs = retryMs.first;
  #failure: string | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    fd: number,
    private readonly options: LogOutputOptions,
  ) {
    this.#fd = unblock(fd);
  }

  /** Why the last write failed; undefined when it did not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  write(line: string): void {
    if (this.#keptBytes > 0 || this.#dropped > 0) this.#keep(Buffer.from(line));
    else {
      const written = this.#try(line);
      const rest = Buffer.from(line).subarray(written);
      // The rest of a line whose beginning is written is kept whatever its length, so that the next line does not continue it.
      if (written > 0 && rest.length > 0) this.#push(rest);
      else if (rest.length > 0) this.#keep(rest);
    }
  }

  /** Tries once to write the waiting lines. */
  flush(): void {
    if (this.#keptBytes > 0) {
      const all = Buffer.concat(this.#kept, this.#keptBytes);
      const written = this.#try(all);
      if (written > 0) this.#pauseMs = retryMs.first;
      this.#keptBytes -= written;
      this.#kept = this.#keptBytes === 0 ? [] : [all.subarray(written)];
    }
    if (this.#keptBytes > 0 || this.#dropped === 0) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.options.onBack(dropped);
  }

  /** Writes the waiting lines until all are written, a write fails, or `deadlineMs` is over. */
  async drain(deadlineMs: number): Promise<void> {
    const until = performance.now() + deadlineMs;
    for (this.flush(); this.#keptBytes > 0 && this.#failure === undefined && performance.now() < until; this.flush())
      await sleep(retryMs.first);
  }

  #keep(bytes: Buffer): void {
    // After one dropped line all are dropped until the log says how many, so that no gap is silent.
    if (this.#dropped > 0 || this.#keptBytes + bytes.length > this.options.limitBytes) this.#dropped += 1;
    else this.#push(bytes);
    this.#retryLater();
  }

  #push(bytes: Buffer): void {
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#retry !== undefined) return;
    const pauseMs = this.#failure !== undefined ? failureRetryMs : this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, retryMs.longest);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.flush();
      if (this.#keptBytes > 0) this.#retryLater();
    }, pauseMs).unref();
  }

  /** @returns how many bytes were written; 0 when the reader is slow or the write fails */
  #try(data: string | Buffer): number {
    try {
      const written = typeof data === 'string' ? fs.writeSync(this.#fd, data) : fs.writeSync(this.#fd, data);
      this.#failure = undefined;
      return written;
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') {
        const before = this.#failure;
        this.#failure = reasonOf(error);
        if (before === undefined) this.options.onFailure(this.#failure);
      }
      return 0;
    }
  }
}

/** Keeps sockets from being collected, which would close the descriptors that podnetd writes to. */
const pinned: Socket[] = [];

/**
 * A descriptor of the same file whose writes fail with EAGAIN instead of blocking. A pipe or terminal is opened anew, because every process that
 * inherited the given descriptor shares its mode. A socket cannot be opened anew, nor can another user's pipe. A plain file never blocks.
 */
function unblock(fd: number): number {
  const found = fs.fstatSync(fd);
  if (found.isFIFO() || isatty(fd)) {
    try {
      return fs.openSync(
        `/proc/self/fd/${fd}`,
        fs.constants.O_WRONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY,
      );
    } catch {
      // Another user made the pipe, or it has no reader.
    }
  }
  if (!found.isFIFO() && !found.isSocket()) return fd;
  try {
    // Node has no fcntl(2); its sockets do not block.
    pinned.push(new Socket({ fd, readable: false, writable: true }).on('error', () => undefined).unref());
  } catch {
    // Node does not know this kind of socket, so its writes may block.
  }
  return fd;
}
