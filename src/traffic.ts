import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The longest that a Node timer can be set to; more would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The share of the allowed connections below which it is told again that there are too many. */
const stillFull = 0.9;

class Connection {
  /** That had passed when it was last looked at. */
  bytes = 0;
  /** Requests without their whole answer. */
  readonly open = new Map<ServerResponse, IncomingMessage>();

  /** Whether an answer is owed: a request that is still arriving has none yet. */
  get isOwed(): boolean {
    for (const request of this.open.values()) if (request.complete) return true;
    return false;
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
  /** In the order in which they were last of use. */
  readonly #connections = new Map<Socket, Connection>();
  #clock: NodeJS.Timeout | undefined;
  #isClosing = false;
  #isFull = false;

  constructor(
    private readonly http: Server,
    private readonly options: TrafficOptions,
  ) {
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

  cutSilent(): void {
    for (const socket of this.#connections.keys()) if (socket.bytesRead === 0) socket.destroy();
  }

  cutAll(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  #addConnection(socket: Socket): void {
    this.connectionCount += 1;
    if (this.#connections.size >= this.options.maxConnections) this.#makeRoom();
    if (this.#connections.size >= this.options.maxConnections) {
      socket.destroy();
      return;
    }
    const connection = new Connection();
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#isFull &&= this.#connections.size > this.options.maxConnections * stillFull;
      // Of answers that waited for their turn there is no other sign.
      if (connection.open.size > 0) this.#clock?.refresh();
    });
    this.#clock?.refresh();
  }

  /** Takes the place of who has had no use for it the longest, so that nobody can keep others out by holding connections. */
  #makeRoom(): void {
    if (!this.#isFull) this.options.onFull();
    this.#isFull = true;
    for (const [socket, connection] of this.#connections) {
      if (connection.isOwed) continue;
      this.#connections.delete(socket);
      socket.destroy();
      return;
    }
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
      if (this.#connections.delete(socket) && !socket.destroyed) {
        connection.bytes = bytesOf(socket);
        this.#connections.set(socket, connection);
      }
      // Its head was sent before we began to close, so the client may have been told to keep the connection.
      if (this.#isClosing) setImmediate(() => this.http.closeIdleConnections());
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
