import type { Socket } from 'node:net';
import type { User } from './budget.js';
import { readPeer } from '../host/sockets/peer.js';
import type { Peer } from '../model/audited-request.js';

/** A connection with its client. */
interface Connection {
  readonly peer: Peer;
  /** When podnetd first looked at it, which is as it accepts it, on the clock of `performance.now`. */
  readonly acceptedMs: number;
}

const known = new WeakMap<Socket, Connection>();

/** The process of a connection's client, asked of the kernel once. Undefined while the addon loads, and where the kernel does not know it. */
export function connectionOf(socket: Socket): Connection | undefined {
  const found = known.get(socket);
  if (found !== undefined) return found;
  const peer = readPeer(socket);
  if (peer === undefined) return undefined;
  const connection = { peer, acceptedMs: performance.now() };
  known.set(socket, connection);
  return connection;
}

/** The user id of {@link connectionOf}. */
export function userOf(socket: Socket): User {
  return connectionOf(socket)?.peer.uid;
}
