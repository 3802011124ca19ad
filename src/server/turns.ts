import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from '../api/limits.js';
import { Budget, type Share } from './budget.js';
import { userOf } from './socket-user.js';
import type { UserRounds } from './user-rounds.js';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly handle: RequestListener;
}

interface WaitingExchange extends Exchange {
  /** Its part of the requests that may wait. */
  readonly share: Share;
}

/** The requests of one connection. */
interface Line {
  current: Exchange | undefined;
  /** The request that came last, answered or not. */
  last: IncomingMessage | undefined;
  readonly waiting: WaitingExchange[];
  /** Writes the last bytes of the connection, once all requests are answered. */
  lastWord: (() => void) | undefined;
  /** Requests that come from now on are ignored. */
  isClosing: boolean;
}

/**
 * Handles the requests of a connection one after the other, as Go's server does. So a request that is pipelined behind a create sees the
 * network, and a client that sends without reading makes no work beyond its first answer.
 */
export class Turns {
  readonly #lines = new WeakMap<Socket, Line>();
  readonly #waiting: Budget;

  constructor(
    private readonly limits: Pick<Limits, 'waitingRequests' | 'allWaitingRequests'>,
    private readonly rounds: UserRounds,
  ) {
    this.#waiting = new Budget(limits.allWaitingRequests);
  }

  /** @param handle called when all earlier requests of the connection are answered, or never */
  take(request: IncomingMessage, response: ServerResponse, handle: RequestListener): void {
    const { socket } = request;
    const line = this.#lineOf(socket);
    if (line.isClosing) return;
    line.last = request;
    if (line.current === undefined) return this.#begin(socket, line, { request, response, handle });
    // Bytes that come now can wait in the kernel.
    socket.pause();
    if (line.waiting.length < this.limits.waitingRequests) {
      const share = this.#waiting.takeFixed(userOf(socket), 1);
      if (share !== undefined) {
        line.waiting.push({ request, response, handle, share });
        return;
      }
      line.isClosing = true;
      socket.destroy();
      return;
    }
    // Clients must be ready for a connection that ends with the answer to any of their requests. source: RFC 9112, 9.3.2
    line.isClosing = true;
    const last = line.waiting.at(-1) ?? line.current;
    last.response.shouldKeepAlive = false;
  }

  /**
   * Ends a connection on which bytes came that are no request, after the answers to the requests before them.
   *
   * @param say writes the last bytes and closes the connection
   */
  end(socket: Socket, say: () => void): void {
    const line = this.#lines.get(socket);
    if (line === undefined) return say();
    if (line.isClosing) return;
    line.isClosing = true;
    const isInBody = line.last?.complete === false;
    if (line.current === undefined) {
      // A request that was answered before it was whole gets no second answer.
      if (isInBody) socket.destroy();
      else say();
    } else if (isInBody && line.waiting.length === 0) {
      if (line.current.response.headersSent) socket.destroy();
      else say();
    } else {
      if (isInBody) line.waiting.pop()?.share.release();
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
    this.rounds.run(userOf(socket), () => {
      if (!exchange.response.destroyed) exchange.handle(exchange.request, exchange.response);
    });
  }

  #next(socket: Socket, line: Line): void {
    line.current = undefined;
    if (socket.destroyed || !socket.writable) {
      for (const { share } of line.waiting.splice(0)) share.release();
      return;
    }
    const exchange = line.waiting.shift();
    if (exchange === undefined) {
      line.lastWord?.();
      return;
    }
    exchange.share.release();
    // The timeout of the last answer does not hold for the next one.
    socket.setTimeout(0);
    this.#begin(socket, line, exchange);
  }
}
