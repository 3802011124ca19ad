import { once } from 'node:events';
import fastify, { type FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { ListenError } from '../../src/host/sockets/listen-error.js';
import { listen, type Listening, type ListenOptions } from '../../src/server/listen.js';

interface ServeOptions extends Partial<Omit<ListenOptions, 'sockets'>> {
  readonly sockets?: readonly string[];
  readonly socketMode?: number;
  readonly socketGid?: number | undefined;
}

export interface Served extends Listening {
  readonly addresses: readonly string[];
  readonly app: FastifyInstance;
  readonly warnings: readonly string[];
  /** Waits until a request for /slow or /stream has arrived. */
  arrived(): Promise<void>;
  /** Lets every request for /slow and /stream finish. */
  finish(): void;
}

/** Serves a small app in this process: /hello, /slow (answers at `finish`) and /stream (sends its head at once, its end at `finish`). */
export async function serve(t: Test, options: ServeOptions, http: Partial<HttpLimits> = {}): Promise<Served> {
  const { sockets = [], socketMode = 0o660, socketGid, ...others } = options;
  const app = fastify({ http, keepAliveTimeout: 3_600_000 });
  const warnings: string[] = [];
  const signals = new EventTarget();
  let isFinished = false;
  const finished = async (): Promise<void> => {
    signals.dispatchEvent(new Event('arrived'));
    if (!isFinished) await once(signals, 'finish');
  };
  app.get('/hello', () => 'hello');
  app.get('/slow', async () => {
    await finished();
    return 'slow';
  });
  app.get('/stream', async (_request, reply) => {
    reply.hijack();
    reply.raw.write('begin ');
    await finished();
    reply.raw.end('end');
  });
  await app.ready();
  const listening = await listen(app, {
    inherited: [],
    idleTimeoutMs: 0,
    log: { warn: (_details, message) => warnings.push(message) },
    ...others,
    sockets: sockets.map((socket) => ({ path: socket, mode: socketMode, gid: socketGid })),
  });
  t.teardown(async () => {
    await listening.close(0);
    await app.close();
  });
  return {
    ...listening,
    addresses: listening.entrances.map(({ address }) => address),
    app,
    warnings,
    arrived: async () => void (await once(signals, 'arrived')),
    finish: () => {
      isFinished = true;
      signals.dispatchEvent(new Event('finish'));
    },
  };
}

/** Asserts that listening on the sockets fails with this message. */
export async function refused(
  t: Test,
  sockets: readonly string[],
  message: string | RegExp,
  options: { readonly socketGid?: number } = {},
): Promise<void> {
  await t.rejects(serve(t, { sockets, ...options }), { constructor: ListenError, message });
}

interface HttpLimits {
  readonly headersTimeout: number;
  readonly connectionsCheckingInterval: number;
}
