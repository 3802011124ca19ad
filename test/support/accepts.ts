import { connect } from 'node:net';

/** Whether somebody listens: a socket has its name before that, when it is not podnetd's. */
export async function accepts(socketPath: string): Promise<boolean> {
  return await new Promise((settle) => {
    const socket = connect(socketPath, () => {
      socket.destroy();
      settle(true);
    });
    socket.on('error', () => settle(false));
  });
}
