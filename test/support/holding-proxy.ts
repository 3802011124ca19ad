import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Test } from 'tap';

/** Passes TCP connections on to a port of loopback, and may keep the answers. */
export interface HoldingProxy {
  readonly url: string;
  /**
   * From now on requests arrive, and no answer does.
   *
   * @param word from the first request on that has it
   * @returns when the first answer is held
   */
  hold(word?: string): Promise<void>;
  /** Answers arrive again on new connections; those that lack one are closed. */
  release(): void;
}

/** @param url such as `http://127.0.0.1:2379` */
export async function startHoldingProxy(t: Test, url: string): Promise<HoldingProxy> {
  const port = Number(new URL(url).port);
  const open = new Set<Socket>();
  let word: string | undefined;
  let isHolding = false;
  let onHeld = () => undefined as void;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (word !== undefined && chunk.includes(word)) isHolding = true;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (isHolding) onHeld();
      else client.write(chunk);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    for (const socket of open) socket.destroy();
  };
  t.teardown(() => {
    close();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async hold(given) {
      await new Promise<void>((resolve) => {
        onHeld = resolve;
        word = given;
        isHolding = given === undefined;
      });
    },
    release() {
      word = undefined;
      isHolding = false;
      close();
    },
  };
}
