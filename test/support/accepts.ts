import { connect } from 'node:net';

/** Whether a server listens on a socket. A server other than podnetd gives the socket its name before it listens. */
export async function accepts(socketPath: string): Promise<boolean> {
  return await new Promise((settle) => {
    const socket = connect(socketPath, () => {
      socket.destroy();
      settle(true);
    });
    socket.on('error', () => settle(false));
  });
}
