import { once } from 'node:events';
import { linkSync } from 'node:fs';
import { createServer } from 'node:net';

/** Leaves a socket file behind on which nobody listens, as a killed process does. */
export async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}-bound`);
  await once(server, 'listening');
  linkSync(`${path}-bound`, path);
  // Node deletes the name that was bound, and that one only.
  server.close();
  await once(server, 'close');
}
