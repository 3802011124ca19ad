import type { Socket } from 'node:net';
import { readPeerHints } from '../host/programs/peer-hints.js';
import type { Who } from '../model/audited-request.js';
import { connectionOf } from './socket-user.js';

const known = new WeakMap<Socket, Who>();

/** Looks at the process once a connection, when that is first asked for. Undefined where the kernel does not know the process. */
export function whoIs(socket: Socket): Who | undefined {
  const found = known.get(socket);
  if (found !== undefined) return found;
  const connection = connectionOf(socket);
  if (connection === undefined) return undefined;
  const { peer, acceptedMs } = connection;
  const who = { ...peer, hints: readPeerHints(peer, performance.now() - acceptedMs) };
  known.set(socket, who);
  return who;
}
