import * as fs from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { codeOf, reasonOf } from '../native-error.js';

export interface LogOutputOptions {
  /** Bytes that are kept for a reader that does not read; lines beyond them are dropped and counted. */
  readonly limitBytes: number;
  /** Is called when all that was kept is written, if lines were dropped before. */
  onBack(droppedLines: number): void;
  /** Is called once for each time that the descriptor cannot be written to, but for a reader that is merely slow. */
  onFailure(reason: string): void;
}

/** How soon a reader that does not read is tried again; a growing pause, as it may be a terminal that is stopped for hours. */
const retryMs = { first: 10, longest: 250 };
/** The same for what fails: a full disk, a pipe without a reader. */
const failureRetryMs = 1_000;

/**
 * Log lines to a descriptor, which never keep the event loop waiting and never pile up. A line is written at once, as long as the reader
 * takes lines; pino's own destination (sonic-boom) either sleeps in the event loop while the reader does not read, or sends each line
 * through a thread, where one that hangs also keeps the process from ending.
 */
export class LogOutput {
  readonly #fd: number;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #dropped = 0;
  #pauseMs = retryMs.first;
  #isFailing = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    fd: number,
    private readonly options: LogOutputOptions,
  ) {
    this.#fd = unblock(fd);
  }

  write(line: string): void {
    if (this.#keptBytes > 0 || this.#dropped > 0) this.#keep(Buffer.from(line));
    else {
      const written = this.#try(line);
      const rest = Buffer.from(line).subarray(written);
      // A line that is begun is ended, however long it is: the next one must not continue it.
      if (written > 0 && rest.length > 0) this.#push(rest);
      else if (rest.length > 0) this.#keep(rest);
    }
  }

  /** Tries once to write what is kept. */
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

  /** Gives the reader some time for what is kept. */
  async drain(deadlineMs: number): Promise<void> {
    const until = performance.now() + deadlineMs;
    for (this.flush(); this.#keptBytes > 0 && !this.#isFailing && performance.now() < until; this.flush())
      await sleep(retryMs.first);
  }

  #keep(bytes: Buffer): void {
    // Once a line is missing, so are those behind it until the count of them is written: no gap goes unsaid.
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
    const pauseMs = this.#isFailing ? failureRetryMs : this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, retryMs.longest);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.flush();
      if (this.#keptBytes > 0) this.#retryLater();
    }, pauseMs).unref();
  }

  /** @returns how many bytes were written */
  #try(data: string | Buffer): number {
    try {
      const written = typeof data === 'string' ? fs.writeSync(this.#fd, data) : fs.writeSync(this.#fd, data);
      this.#isFailing = false;
      return written;
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') {
        if (!this.#isFailing) this.options.onFailure(reasonOf(error));
        this.#isFailing = true;
      }
      return 0;
    }
  }
}

/** Holds sockets open whose descriptors others write to. */
const pinned: Socket[] = [];

/**
 * A descriptor of the same file that says EAGAIN where this one would wait. A pipe or terminal is opened anew, since the mode of the given
 * descriptor is everybody's who inherited it; a socket cannot be, nor a pipe of another user. Files never make a writer wait for a reader.
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
      // Made by another user, or without a reader.
    }
  }
  if (!found.isFIFO() && !found.isSocket()) return fd;
  try {
    // Node has no fcntl(2); its sockets do not block.
    pinned.push(new Socket({ fd, readable: false, writable: true }).on('error', () => undefined).unref());
  } catch {
    // A kind of socket that Node does not know; it blocks.
  }
  return fd;
}
