import type { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { connectionsWithin, limits } from './api/limits.js';
import { readDescriptorLimit } from './host/descriptor-limit.js';
import { pollOnce } from './host/event-loop.js';
import { ListenError } from './host/listen-error.js';
import { checkInheritedSocket, type InheritedSocket, type WarningLog } from './host/systemd.js';
import { claimSocketPath, describing, type SocketAccess, type SocketClaim } from './host/unix-socket.js';
import { Traffic } from './traffic.js';

/** What a Fastify instance is to this file. */
export interface ListeningApp {
  readonly server: HttpServer;
  ready(): PromiseLike<unknown>;
}

export interface ListenOptions {
  /** Paths of the sockets to make; ignored when there are inherited ones. */
  readonly sockets: readonly string[];
  /** Permission bits, such as 0o660. */
  readonly socketMode: number;
  /** Undefined: that of this process. */
  readonly socketGid?: number | undefined;
  readonly inherited: readonly InheritedSocket[];
  /** 0: never. */
  readonly idleTimeoutMs: number;
  /** As many as descriptors allow when undefined. */
  readonly maxConnections?: number | undefined;
  readonly log: WarningLog;
}

export interface Listening {
  /** One per socket: its path, or the descriptor where an inherited one does not tell its path. */
  readonly addresses: readonly string[];
  /** Resolves once there was neither an open request, a new connection nor a byte for `idleTimeoutMs`; otherwise never settles. */
  readonly idle: Promise<void>;
  /** Removes the sockets that were made, at once: the last thing that an end without farewell does. */
  withdraw(): void;
  /**
   * Takes no more connections, answers the requests that are already here, and resolves when no connection is left; what is still
   * open after `deadlineMs` is cut. Leaves the app open: close it afterwards, as its `close` knows of one server only.
   */
  close(deadlineMs?: number): Promise<void>;
}

interface Gate {
  readonly server: Server;
  readonly address: string;
  readonly claim?: SocketClaim;
}

const defaultCloseDeadlineMs = 10_000;

/** How long a closing podnetd waits for the first byte of a client that got its connection in the last moment. */
const firstByteGraceMs = 1_000;

/**
 * Serves `app` on the inherited sockets or, when there are none, on sockets of its own: on all of them or, failing that, on none.
 *
 * @throws ListenError, AddonError
 */
export async function listen(app: ListeningApp, options: ListenOptions): Promise<Listening> {
  await app.ready();
  const maxConnections = options.maxConnections ?? connectionsWithin(readDescriptorLimit(), limits);
  const traffic = new Traffic(app.server, {
    idleTimeoutMs: options.idleTimeoutMs,
    maxConnections,
    onFull: () => options.log.warn({ maxConnections }, 'too many connections: those without a request make room'),
  });
  const gates: Gate[] = [];
  try {
    if (options.inherited.length > 0) await openInherited(app.server, options.inherited, gates);
    else await openOwn(app.server, options, gates);
  } catch (error) {
    traffic.stopClock();
    withdrawAll(gates, options.log);
    await Promise.all(gates.map(async ({ server }) => await closeServer(server)));
    throw error;
  }
  for (const { server, address } of gates) {
    // A failing accept(2), for want of memory or descriptors, must not end the daemon.
    server.on('error', (error) => options.log.warn({ err: error, socket: address }, 'a connection was not accepted'));
  }
  const addresses = gates.map(({ address }) => address);
  let closed: Promise<void> | undefined;
  return {
    addresses,
    idle: traffic.idle,
    withdraw: () => withdrawAll(gates, options.log),
    close: async (deadlineMs = defaultCloseDeadlineMs) => {
      closed ??= shut(gates, traffic, deadlineMs, options.log);
      await closed;
    },
  };
}

async function openInherited(http: HttpServer, inherited: readonly InheritedSocket[], gates: Gate[]): Promise<void> {
  const addresses = inherited.map((socket) => checkInheritedSocket(socket) ?? `descriptor ${socket.fd}`);
  for (const [index, { fd, name }] of inherited.entries()) {
    const address = addresses[index] ?? name;
    const server = nextServer(http, gates);
    gates.push({ server, address });
    // Not fastify.listen({ fd }), which wants to log an address and an inherited Unix socket has none.
    await describing(address, async () => await startServer(server, { fd }));
    if (server.address() !== null)
      throw new ListenError(`inherited socket ${name} (descriptor ${fd}): not a Unix socket`);
  }
}

async function openOwn(http: HttpServer, options: ListenOptions, gates: Gate[]): Promise<void> {
  const paths = new Set(options.sockets.map((path) => resolve(path)));
  if (paths.size === 0) throw new ListenError('no socket to listen on');
  const access: SocketAccess = { mode: options.socketMode, gid: options.socketGid };
  for (const path of paths) {
    const claim = await claimSocketPath(path);
    const server = nextServer(http, gates);
    gates.push({ server, address: path, claim });
    await describing(path, async () => await startServer(server, { path: claim.bindPath }));
  }
  for (const { address, claim } of gates) await describing(address, () => claim?.publish(access));
}

/**
 * An http.Server listens on one handle; further ones hand it their connections, which it then counts, times and closes as its own.
 * They stay open for writing after the client's end, as those of an http.Server do.
 */
function nextServer(http: HttpServer, gates: readonly Gate[]): Server {
  if (gates.length === 0) return http;
  return createServer({ allowHalfOpen: true }, (socket) => http.emit('connection', socket));
}

async function startServer(server: Server, target: { readonly fd: number } | { readonly path: string }): Promise<void> {
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen({ ...target, backlog: limits.queuedConnections }, () => {
      server.off('error', failed);
      listening();
    });
  });
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((closed) => server.close(() => closed()));
}

function withdrawAll(gates: readonly Gate[], log: WarningLog): void {
  for (const { address, claim } of gates) {
    try {
      claim?.withdraw();
    } catch (error) {
      log.warn({ err: error, socket: address }, 'the socket could not be removed');
    }
  }
}

async function shut(gates: readonly Gate[], traffic: Traffic, deadlineMs: number, log: WarningLog): Promise<void> {
  traffic.stopClock();
  traffic.refuseReuse();
  withdrawAll(gates, log);
  // Without its name a socket of ours gets no more connections; those that it has, accepted one a turn, would be reset by closing it.
  // Those of an inherited socket may stay where they are, for the next process.
  const isOurs = gates.some(({ claim }) => claim !== undefined);
  let seen: number;
  do {
    seen = traffic.connectionCount;
    await pollOnce();
  } while (isOurs && traffic.connectionCount !== seen);

  const closed = Promise.all(gates.map(async ({ server }) => await closeServer(server)));
  const grace = setTimeout(() => traffic.cutSilent(), Math.min(firstByteGraceMs, deadlineMs));
  const deadline = setTimeout(() => {
    log.warn({ connections: traffic.openConnections, deadlineMs }, 'connections were cut at the deadline');
    traffic.cutAll();
  }, deadlineMs);
  await closed;
  clearTimeout(grace);
  clearTimeout(deadline);
}
