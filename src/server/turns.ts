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
  /** Of the requests that may wait. */
  readonly share: Share;
}

/** The requests of one connection. */
interface Line {
  current: Exchange | undefined;
  /** The one that came last, answered or not. */
  last: IncomingMessage | undefined;
  readonly waiting: WaitingExchange[];
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
  readonly #waiting: Budget;

  constructor(
    private readonly limits: Pick<Limits, 'waitingRequests' | 'allWaitingRequests'>,
    private readonly rounds: UserRounds,
  ) {
    this.#waiting = new Budget(limits.allWaitingRequests);
  }

  /** @param handle is called when all that came before on the connection is answered, or never */
  take(request: IncomingMessage, response: ServerResponse, handle: RequestListener): void {
    const { socket } = request;
    const line = this.#lineOf(socket);
    if (line.isClosing) return;
    line.last = request;
    if (line.current === undefined) return this.#begin(socket, line, { request, response, handle });
    // What the kernel has of the connection can wait there.
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
    // How long the last answer might take is nothing to this one.
    socket.setTimeout(0);
    this.#begin(socket, line, exchange);
  }
}
