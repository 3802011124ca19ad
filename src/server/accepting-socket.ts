import type { Server, Socket } from 'node:net';

const addresses = new WeakMap<Server, string>();

/** Notes under which address the connections of a server come. */
export function noteAddress(server: Server, address: string): void {
  addresses.set(server, address);
}

/** The address of the socket that a connection came through; undefined where it is not known. */
export function acceptedBy(socket: Socket): string | undefined {
  // http.Server takes the public `server` of a connection for itself. source: Node.js lib/net.js@v20 onconnection
  const server = Reflect.get(socket, '_server') as Server | undefined;
  return server && addresses.get(server);
}
