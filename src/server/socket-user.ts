import type { Socket } from 'node:net';
import type { User } from './budget.js';
import { readPeerUser } from '../host/sockets/peer-user.js';

const known = new WeakMap<Socket, number>();

/** The user id of a connection's client, asked of the kernel once. Undefined while the addon loads, and where the kernel does not know it. */
export function userOf(socket: Socket): User {
  const found = known.get(socket) ?? readPeerUser(socket);
  if (found !== undefined) known.set(socket, found);
  return found;
}
