import type { Socket } from 'node:net';
import type { User } from './budget.js';
import { readPeer } from '../host/sockets/peer.js';
import type { Peer } from '../model/audited-request.js';

const known = new WeakMap<Socket, Peer>();

/** The process of a connection's client, asked of the kernel once. Undefined while the addon loads, and where the kernel does not know it. */
export function peerOf(socket: Socket): Peer | undefined {
  const found = known.get(socket) ?? readPeer(socket);
  if (found !== undefined) known.set(socket, found);
  return found;
}

/** The user id of {@link peerOf}. */
export function userOf(socket: Socket): User {
  return peerOf(socket)?.uid;
}
