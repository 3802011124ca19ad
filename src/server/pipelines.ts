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
interface Pipeline {
  current: Exchange | undefined;
  /** The request that came last, answered or not. */
  last: IncomingMessage | undefined;
  readonly waiting: WaitingExchange[];
  /** Writes the last bytes of the connection, once all requests are answered. */
  writeEnd: (() => void) | undefined;
  /** Requests that come from now on are ignored. */
  isClosing: boolean;
}

/**
 * Handles the requests of a connection one after the other, as Go's server does. So a request that is pipelined behind a create sees the
 * network, and a client that sends without reading makes no work beyond its first answer.
 */
export class Pipelines {
  readonly #pipelines = new WeakMap<Socket, Pipeline>();
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
    const pipeline = this.#pipelineOf(socket);
    if (pipeline.isClosing) return;
    pipeline.last = request;
    if (pipeline.current === undefined) return this.#begin(socket, pipeline, { request, response, handle });
    // Bytes that come now can wait in the kernel.
    socket.pause();
    if (pipeline.waiting.length < this.limits.waitingRequests) {
      const share = this.#waiting.takeFixed(userOf(socket), 1);
      if (share !== undefined) {
        pipeline.waiting.push({ request, response, handle, share });
        return;
      }
      pipeline.isClosing = true;
      socket.destroy();
      return;
    }
    // Clients must be ready for a connection that ends with the answer to any of their requests. source: RFC 9112, 9.3.2
    pipeline.isClosing = true;
    const last = pipeline.waiting.at(-1) ?? pipeline.current;
    last.response.shouldKeepAlive = false;
  }

  /**
   * Ends a connection on which bytes came that are no request, after the answers to the requests before them.
   *
   * @param say writes the last bytes and closes the connection
   */
  end(socket: Socket, say: () => void): void {
    const pipeline = this.#pipelines.get(socket);
    if (pipeline === undefined) return say();
    if (pipeline.isClosing) return;
    pipeline.isClosing = true;
    const isInBody = pipeline.last?.complete === false;
    if (pipeline.current === undefined) {
      // A request that was answered before it was whole gets no second answer.
      if (isInBody) socket.destroy();
      else say();
    } else if (isInBody && pipeline.waiting.length === 0) {
      if (pipeline.current.response.headersSent) socket.destroy();
      else say();
    } else {
      if (isInBody) pipeline.waiting.pop()?.share.release();
      pipeline.writeEnd = say;
    }
  }

  #pipelineOf(socket: Socket): Pipeline {
    let pipeline = this.#pipelines.get(socket);
    if (pipeline === undefined) {
      pipeline = { current: undefined, last: undefined, waiting: [], writeEnd: undefined, isClosing: false };
      this.#pipelines.set(socket, pipeline);
    }
    return pipeline;
  }

  #begin(socket: Socket, pipeline: Pipeline, exchange: Exchange): void {
    pipeline.current = exchange;
    exchange.response.on('close', () => this.#next(socket, pipeline));
    this.rounds.run(userOf(socket), () => {
      if (!exchange.response.destroyed) exchange.handle(exchange.request, exchange.response);
    });
  }

  #next(socket: Socket, pipeline: Pipeline): void {
    pipeline.current = undefined;
    if (socket.destroyed || !socket.writable) {
      for (const { share } of pipeline.waiting.splice(0)) share.release();
      return;
    }
    const exchange = pipeline.waiting.shift();
    if (exchange === undefined) {
      pipeline.writeEnd?.();
      return;
    }
    exchange.share.release();
    // The timeout of the last answer does not hold for the next one.
    socket.setTimeout(0);
    this.#begin(socket, pipeline, exchange);
  }
}
