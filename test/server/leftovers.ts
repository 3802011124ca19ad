import { once } from 'node:events';
import { linkSync } from 'node:fs';
import { createServer } from 'node:net';

/** Leaves a socket file on which no process listens, as a killed process does. */
export async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}-bound`);
  await once(server, 'listening');
  linkSync(`${path}-bound`, path);
  // Node deletes only the name that was bound.
  server.close();
  await once(server, 'close');
}
