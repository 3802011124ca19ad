import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The longest that a Node timer can be set to; more would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The connections and open requests of a server, whichever socket they came through. */
export class Traffic {
  readonly idle: Promise<void>;
  connectionCount = 0;
  /** Each connection with the bytes that had passed when it was last looked at. */
  readonly #connections = new Map<Socket, number>();
  readonly #responses = new Set<ServerResponse>();
  #clock: NodeJS.Timeout | undefined;
  #isClosing = false;

  constructor(
    private readonly http: Server,
    idleTimeoutMs: number,
  ) {
    http.on('connection', (socket: Socket) => this.#addConnection(socket));
    http.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) =>
      this.#addResponse(socket, response),
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
    for (const response of this.#responses) response.shouldKeepAlive = false;
  }

  cutSilent(): void {
    for (const socket of this.#connections.keys()) if (socket.bytesRead === 0) socket.destroy();
  }

  cutAll(): void {
    for (const socket of this.#connections.keys()) socket.destroy();
  }

  #addConnection(socket: Socket): void {
    this.connectionCount += 1;
    this.#connections.set(socket, 0);
    socket.once('close', () => this.#connections.delete(socket));
    this.#clock?.refresh();
  }

  /** The response itself has no socket yet while an earlier one on the same connection is unfinished. */
  #addResponse(socket: Socket, response: ServerResponse): void {
    this.#responses.add(response);
    if (this.#isClosing) response.shouldKeepAlive = false;
    response.once('close', () => {
      this.#responses.delete(response);
      this.#clock?.refresh();
      if (this.#connections.has(socket)) this.#connections.set(socket, bytesOf(socket));
      // Its head was sent before we began to close, so the client may have been told to keep the connection.
      if (this.#isClosing) setImmediate(() => this.http.closeIdleConnections());
    });
  }

  /** A request that is still arriving is no open request yet, but its bytes count. */
  #judge(resolveIdle: () => void): void {
    if (this.#responses.size > 0) return;
    let isMoving = false;
    for (const [socket, bytes] of this.#connections) {
      if (bytesOf(socket) === bytes) continue;
      isMoving = true;
      this.#connections.set(socket, bytesOf(socket));
    }
    if (isMoving) this.#clock?.refresh();
    else resolveIdle();
  }
}

function bytesOf(socket: Socket): number {
  return socket.bytesRead + socket.bytesWritten;
}
