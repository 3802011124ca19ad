import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from './api/limits.js';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly handle: RequestListener;
}

/** The requests of one connection. */
interface Line {
  current: Exchange | undefined;
  /** The one that came last, answered or not. */
  last: IncomingMessage | undefined;
  readonly waiting: Exchange[];
  /** What is said when all of them are answered, and the last that is said. */
  lastWord: (() => void) | undefined;
  /** Nothing that comes now is looked at. */
  isClosing: boolean;
}

/**
 * Lets the requests of a connection be handled one after the other, as Go's server does: one that is pipelined behind a create sees the
 * network, and a client that sends without reading makes no work beyond its first answer.
 */
export class Turns {
  readonly #lines = new WeakMap<Socket, Line>();
  #waitingCount = 0;

  constructor(private readonly limits: Pick<Limits, 'waitingRequests' | 'allWaitingRequests'>) {}

  /** @param handle is called when all that came before on the connection is answered, or never */
  take(request: IncomingMessage, response: ServerResponse, handle: RequestListener): void {
    const { socket } = request;
    const line = this.#lineOf(socket);
    if (line.isClosing) return;
    line.last = request;
    if (line.current === undefined) return this.#begin(socket, line, { request, response, handle });
    if (this.#waitingCount >= this.limits.allWaitingRequests) {
      line.isClosing = true;
      socket.destroy();
      return;
    }
    // What the kernel has of the connection can wait there.
    socket.pause();
    if (line.waiting.length < this.limits.waitingRequests) {
      line.waiting.push({ request, response, handle });
      this.#waitingCount += 1;
      return;
    }
    // Clients must be ready for a connection that ends with the answer to any of their requests. source: RFC 9112, 9.3.2
    line.isClosing = true;
    const last = line.waiting.at(-1) ?? line.current;
    last.response.shouldKeepAlive = false;
  }

  /**
   * Ends a connection whose bytes make no request, after the answers to what came before them.
   *
   * @param say writes the last word and closes the connection
   */
  end(socket: Socket, say: () => void): void {
    const line = this.#lines.get(socket);
    if (line === undefined) return say();
    if (line.isClosing) return;
    line.isClosing = true;
    const isInBody = line.last?.complete === false;
    if (line.current === undefined) {
      // What is answered before it is whole gets no second answer.
      if (isInBody) socket.destroy();
      else say();
    } else if (isInBody && line.waiting.length === 0) {
      if (line.current.response.headersSent) socket.destroy();
      else say();
    } else {
      if (isInBody && line.waiting.pop() !== undefined) this.#waitingCount -= 1;
      line.lastWord = say;
    }
  }

  #lineOf(socket: Socket): Line {
    let line = this.#lines.get(socket);
    if (line === undefined) {
      line = { current: undefined, last: undefined, waiting: [], lastWord: undefined, isClosing: false };
      this.#lines.set(socket, line);
    }
    return line;
  }

  #begin(socket: Socket, line: Line, exchange: Exchange): void {
    line.current = exchange;
    exchange.response.on('close', () => this.#next(socket, line));
    exchange.handle(exchange.request, exchange.response);
  }

  #next(socket: Socket, line: Line): void {
    line.current = undefined;
    if (socket.destroyed || !socket.writable) {
      this.#waitingCount -= line.waiting.splice(0).length;
      return;
    }
    const exchange = line.waiting.shift();
    if (exchange === undefined) {
      line.lastWord?.();
      return;
    }
    this.#waitingCount -= 1;
    // How long the last answer might take is nothing to this one.
    socket.setTimeout(0);
    this.#begin(socket, line, exchange);
  }
}
