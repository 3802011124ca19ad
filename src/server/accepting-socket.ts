import type { Server, Socket } from 'node:net';
import type { LabelScope } from '../model/label-scope.js';
import type { Role } from '../model/role.js';

/** A socket that podnetd listens on. */
export interface Entrance {
  /** Its path, or the descriptor of an inherited socket that has no path. */
  readonly address: string;
  /** How much its clients may do. */
  readonly role: Role;
  /** The label without which its clients see no network; undefined where they see all. */
  readonly label?: LabelScope | undefined;
}

const entrances = new WeakMap<Server, Entrance>();

/** Notes through which socket the connections of a server come. */
export function noteEntrance(server: Server, entrance: Entrance): void {
  entrances.set(server, entrance);
}

/** The socket that a connection came through; undefined where it is not known. */
export function entranceOf(socket: Socket): Entrance | undefined {
  // http.Server takes the public `server` of a connection for itself. source: Node.js lib/net.js@v20 onconnection
  const server = Reflect.get(socket, '_server') as Server | undefined;
  return server && entrances.get(server);
}
