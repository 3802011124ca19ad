import type { Server as HttpServer } from 'node:http';
import { connectionsWithin, limits } from '../api/limits.js';
import type { Entrance } from './accepting-socket.js';
import { Gates, type OwnSocket } from './gates.js';
import { readDescriptorLimit } from '../host/own-process/descriptor-limit.js';
import { pollOnce } from '../host/own-process/event-loop.js';
import type { InheritedSocket, WarningLog } from '../host/sockets/systemd.js';
import { Traffic } from './traffic.js';

/** The part of an app that this file uses. */
export interface ListeningApp {
  readonly server: HttpServer;
}

export interface ListenOptions {
  /** The sockets to make; none of them when there are inherited ones. */
  readonly sockets: readonly OwnSocket[];
  readonly inherited: readonly InheritedSocket[];
  /** Milliseconds without traffic until `idle` resolves; 0 stands for never. */
  readonly idleTimeoutMs: number;
  /** Connections at the same time; as many as descriptors allow when undefined. */
  readonly maxConnections?: number | undefined;
  readonly log: WarningLog;
}

export interface Listening {
  /** One per socket. */
  readonly entrances: readonly Entrance[];
  /** Resolves once there was neither an open request, a new connection nor a byte for `idleTimeoutMs`; otherwise never settles. */
  readonly idle: Promise<void>;
  /** Why clients do not find one of the sockets, with the remedy; undefined while they do. */
  problem(): string | undefined;
  /** Removes at once the sockets that were made, for an end that waits for no answer. */
  withdraw(): void;
  /**
   * Takes no more connections, answers the requests that have come, cuts after `deadlineMs` those that are left, and resolves when no
   * connection is open. The app stays open: its caller closes it afterwards, because the app's own `close` knows one server only.
   */
  close(deadlineMs?: number): Promise<void>;
}

const defaultCloseDeadlineMs = 10_000;

/** How long a closing podnetd waits for a last request on each connection that has none, and for the end of streams. */
const idlerGraceMs = 1_000;

/**
 * Serves `app` on the inherited sockets or, when there are none, on sockets of its own: on all of them or, failing that, on none.
 *
 * @throws ListenError, AddonError
 */
export async function listen(app: ListeningApp, options: ListenOptions): Promise<Listening> {
  const maxConnections = options.maxConnections ?? connectionsWithin(readDescriptorLimit(), limits);
  const traffic = new Traffic(app.server, {
    idleTimeoutMs: options.idleTimeoutMs,
    maxConnections,
    onFull: () => options.log.warn({ maxConnections }, 'too many connections: those without a request make room'),
  });
  const gates = new Gates(app.server, options.log);
  try {
    if (options.inherited.length > 0) await gates.openInherited(options.inherited, options.sockets);
    else await gates.openOwn(options.sockets);
  } catch (error) {
    traffic.stopClock();
    gates.withdraw();
    await gates.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  return {
    entrances: gates.entrances,
    idle: traffic.idle,
    problem: () => gates.problem,
    withdraw: () => gates.withdraw(),
    close: async (deadlineMs = defaultCloseDeadlineMs) => {
      closed ??= shut(gates, traffic, deadlineMs, options.log);
      await closed;
    },
  };
}

async function shut(gates: Gates, traffic: Traffic, deadlineMs: number, log: WarningLog): Promise<void> {
  traffic.stopClock();
  traffic.refuseReuse();
  gates.withdraw();
  // Without its name a socket of ours gets no more connections; those that it has, accepted one a turn, would be reset by closing it.
  // Those of an inherited socket may stay where they are, for the next process.
  let seen: number;
  do {
    seen = traffic.connectionCount;
    await pollOnce();
  } while (gates.areOurs && traffic.connectionCount !== seen);

  const closed = gates.close();
  const cutIdlers = async () => {
    // A request may have come since the event loop looked.
    await pollOnce();
    traffic.cutIdlers();
  };
  const grace = setTimeout(() => void cutIdlers(), Math.min(idlerGraceMs, deadlineMs));
  const deadline = setTimeout(() => {
    log.warn({ connections: traffic.openConnections, deadlineMs }, 'connections were cut at the deadline');
    traffic.cutAll();
  }, deadlineMs);
  await closed;
  clearTimeout(grace);
  clearTimeout(deadline);
}
