import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isEventStream } from '../api/events/stream.js';
import { Budget, type Hold, type Share } from './budget.js';
import { userOf } from './socket-user.js';

/** The longest that a Node timer can be set to; more would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The share of the allowed connections below which it is told again that there are too many. */
const stillFull = 0.9;

class Connection {
  /** That had passed when it was last looked at. */
  bytes = 0;
  /** Requests without their whole answer. */
  readonly open = new Map<ServerResponse, IncomingMessage>();

  /** Of the connections that there may be. */
  share: Share | undefined;

  get hasStream(): boolean {
    return [...this.open.keys()].some(isEventStream);
  }

  /** While an answer is owed nobody with as many connections gets its place: a request that is still arriving has none yet. */
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
  /** 0: never. */
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
  /** Is told once each time that there are as many connections as may be. */
  onFull(): void;
}

/** The connections and open requests of a server, whichever socket they came through. */
export class Traffic {
  readonly idle: Promise<void>;
  connectionCount = 0;
  readonly #connections = new Map<Socket, Connection>();
  #clock: NodeJS.Timeout | undefined;
  #isClosing = false;
  /** Those who had no use for theirs the longest make room, so that nobody can keep others out by holding connections. */
  readonly #budget: Budget;
  #isFull = false;
  #isClosingIdle = false;

  constructor(
    private readonly http: Server,
    private readonly options: TrafficOptions,
  ) {
    this.#budget = new Budget(options.maxConnections);
    const { idleTimeoutMs } = options;
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

  /** Those who have said nothing yet, and whose stream of events has not ended: there is no answer that they would lose. */
  cutIdlers(): void {
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
      // Of answers that waited for their turn there is no other sign.
      if (connection.open.size > 0) this.#clock?.refresh();
    });
    this.#clock?.refresh();
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

  /** Of answers whose head was sent before we began to close, the client may have been told to keep the connection. */
  #closeIdleSoon(): void {
    if (this.#isClosingIdle) return;
    this.#isClosingIdle = true;
    setImmediate(() => {
      this.#isClosingIdle = false;
      this.http.closeIdleConnections();
    });
  }

  /** A request that is still arriving is no open request yet, but its bytes count. */
  #judge(resolveIdle: () => void): void {
    let isMoving = false;
    for (const [socket, connection] of this.#connections) {
      // Ends with it, for the clock is started anew.
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
