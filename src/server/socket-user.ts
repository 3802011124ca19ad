import type { Socket } from 'node:net';
import type { User } from './budget.js';
import { readPeerUser } from '../host/sockets/peer-user.js';

const known = new WeakMap<Socket, number>();

/** Who connected; asked of the kernel once. Undefined where it does not tell, and in the daemon's first second. */
export function userOf(socket: Socket): User {
  const found = known.get(socket) ?? readPeerUser(socket);
  if (found !== undefined) known.set(socket, found);
  return found;
}
