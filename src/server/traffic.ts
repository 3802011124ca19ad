import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isEventStream } from '../api/events/stream.js';
import { longestTimerMs } from '../model/longest-timer.js';
import { Budget, type Hold, type Share } from './budget.js';
import { userOf } from './socket-user.js';

/** The share of the allowed connections below which the next shortage is logged again. */
const stillFull = 0.9;

class Connection {
  /** Read and written until the last look. */
  bytes = 0;
  /** Requests without their whole answer. */
  readonly open = new Map<ServerResponse, IncomingMessage>();

  /** Its part of the allowed connections. */
  share: Share | undefined;

  get hasStream(): boolean {
    return [...this.open.keys()].some(isEventStream);
  }

  /** A connection that is owed an answer keeps its place against users with as many connections. A request that is still arriving is owed none. */
  get hold(): Hold {
    let hold: Hold = 'spare';
    for (const [response, request] of this.open) {
      if (isEventStream(response)) hold = 'loose';
      else if (request.complete) return 'firm';
    }
    return hold;
  }
}

export interface TrafficOptions {
  /** Milliseconds; 0 stands for never. */
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
  /** Called once each time that the allowed connections are used up. */
  onFull(): void;
}

/** The connections and open requests of a server, whichever socket they came through. */
export class Traffic {
  readonly idle: Promise<void>;
  connectionCount = 0;
  readonly #connections = new Map<Socket, Connection>();
  #clock: NodeJS.Timeout | undefined;
  #isClosing = false;
  #maySendMore = true;
  /** The connections that were unused the longest make room, so that no client keeps others out by holding connections. */
  readonly #budget: Budget;
  #isFull = false;
  #isClosingIdle = false;

  constructor(
    private readonly http: Server,
    private readonly options: TrafficOptions,
  ) {
    this.#budget = new Budget(options.maxConnections);
    const { idleTimeoutMs } = options;
    this.#spareIdle();
    http.on('connection', (socket: Socket) => this.#addConnection(socket));
    http.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#addExchange(request, response),
    );
    this.idle = new Promise((resolveIdle) => {
      if (idleTimeoutMs === 0) return;
      const delayMs = Math.min(idleTimeoutMs, longestTimerMs);
      this.#clock = setTimeout(() => this.#judge(resolveIdle), delayMs).unref();
    });
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  stopClock(): void {
    clearTimeout(this.#clock);
    this.#clock = undefined;
  }

  /** From now on a connection ends with its present answer. */
  refuseReuse(): void {
    this.#isClosing = true;
    for (const { open } of this.#connections.values())
      for (const response of open.keys()) response.shouldKeepAlive = false;
  }

  /** Cuts connections without a request, and streams of events: no answer is lost. */
  cutIdlers(): void {
    this.#maySendMore = false;
    this.http.closeIdleConnections();
    for (const [socket, { hasStream }] of this.#connections) if (socket.bytesRead === 0 || hasStream) socket.destroy();
  }

  cutAll(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  #addConnection(socket: Socket): void {
    this.connectionCount += 1;
    if (this.#budget.used >= this.options.maxConnections) this.#noteFull();
    const connection = new Connection();
    connection.share = this.#budget.take({
      user: userOf(socket),
      amount: 1,
      hold: () => connection.hold,
      revoke: () => {
        this.#connections.delete(socket);
        socket.destroy();
      },
    });
    if (connection.share === undefined) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      connection.share?.release();
      this.#isFull &&= this.#budget.used > this.options.maxConnections * stillFull;
      // Answers that waited for their turn give no other sign of their end.
      if (connection.open.size > 0) this.#clock?.refresh();
    });
    this.#clock?.refresh();
  }

  /**
   * A client may send on a connection that it keeps, or has made, at the moment when Node closes it, and would lose its request. So idle connections
   * stay until {@link cutIdlers}, or end with their next answer.
   */
  #spareIdle(): void {
    const closeIdle = this.http.closeIdleConnections.bind(this.http);
    this.http.closeIdleConnections = () => {
      if (!this.#maySendMore) closeIdle();
    };
  }

  #noteFull(): void {
    if (!this.#isFull) this.options.onFull();
    this.#isFull = true;
  }

  /** The response itself has no socket yet while an earlier one on the same connection is unfinished. */
  #addExchange(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const connection = this.#connections.get(socket);
    if (connection === undefined) return;
    connection.open.set(response, request);
    if (this.#isClosing) response.shouldKeepAlive = false;
    response.on('close', () => {
      connection.open.delete(response);
      this.#clock?.refresh();
      connection.bytes = bytesOf(socket);
      connection.share?.touch();
      if (this.#isClosing) this.#closeIdleSoon();
    });
  }

  /** A head that was sent before the close began may have asked the client to keep the connection. */
  #closeIdleSoon(): void {
    if (this.#isClosingIdle) return;
    this.#isClosingIdle = true;
    setImmediate(() => {
      this.#isClosingIdle = false;
      this.http.closeIdleConnections();
    });
  }

  /** A request that is still arriving is not open yet, but its bytes count as traffic. */
  #judge(resolveIdle: () => void): void {
    let isMoving = false;
    for (const [socket, connection] of this.#connections) {
      // The end of that request starts the clock anew.
      if (connection.open.size > 0) return;
      if (bytesOf(socket) === connection.bytes) continue;
      isMoving = true;
      connection.bytes = bytesOf(socket);
    }
    if (isMoving) this.#clock?.refresh();
    else resolveIdle();
  }
}

function bytesOf(socket: Socket): number {
  return socket.bytesRead + socket.bytesWritten;
}
