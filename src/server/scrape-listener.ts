import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Logger } from 'pino';
import { limits as defaultLimits, type Limits } from '../api/limits.js';
import { answerScrape } from '../api/podnetd/scrape-answer.js';
import { reasonOf } from '../host/native-error.js';
import { ListenError } from '../host/sockets/listen-error.js';
import type { Exposition } from '../network/dependencies/exposition.js';
import type { Exchange } from './dialect-app.js';
import { meansThisMachine } from './host-header.js';

export interface ScrapeOptions {
  /** An address of this host, of IPv4 or IPv6. */
  readonly host: string;
  /** 0: the kernel chooses. */
  readonly port: number;
  /** Whether programs of this machine alone reach the address. */
  readonly isLoopback: boolean;
  readonly metrics: Exposition;
  /** Called after each answer. */
  readonly onAnswer: (exchange: Exchange) => void;
  readonly log: Pick<Logger, 'error' | 'warn'>;
  readonly limits?: Pick<Limits, ScrapeLimit>;
}

type ScrapeLimit = 'scrapeConnections' | 'scrapeTimeoutMs' | 'headBytes';

export interface ScrapeListener {
  /** `127.0.0.1:9653`, `[::1]:9653` */
  readonly address: string;
  /** Cuts what is in flight. */
  close(): Promise<void>;
}

const msInSecond = 1_000;

/**
 * Serves the metrics, and nothing else, over TCP: one request a connection, few connections, each for a short time. No part of it leads to the
 * routes that change networks.
 *
 * @throws ListenError
 */
export async function listenForScrapes(options: ScrapeOptions): Promise<ScrapeListener> {
  const { host, port, limits = defaultLimits } = options;
  const server = buildServer(options, limits);
  await begin(server, host, port);
  // A failing accept(2), for want of memory or descriptors, must not end the daemon.
  server.on('error', (error) => options.log.warn({ err: error, port }, 'a connection for metrics was not accepted'));
  const { address, port: chosen, family } = server.address() as AddressInfo;
  return {
    address: family === 'IPv6' ? `[${address}]:${chosen}` : `${address}:${chosen}`,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

function buildServer({ metrics, onAnswer, log, isLoopback }: ScrapeOptions, limits: Pick<Limits, ScrapeLimit>): Server {
  const { scrapeConnections, scrapeTimeoutMs, headBytes } = limits;
  const served = new WeakSet<Socket>();
  const server = createServer({ maxHeaderSize: headBytes }, (request, response) => {
    // A client that sends requests ahead gets one answer, with which the connection ends.
    if (served.has(request.socket)) return;
    served.add(request.socket);
    void serve(request, response);
  });
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const begun = performance.now();
    // Elsewhere podnetd cannot know by which names others reach it.
    const isMeant = !isLoopback || meansThisMachine(request.headers.host);
    const scraped = await answerScrape(request, response, isMeant ? metrics : undefined, (error) =>
      log.error({ err: error }, 'the metrics cannot be had'),
    );
    onAnswer({ ...scraped, seconds: (performance.now() - begun) / msInSecond });
  };
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    // The oldest has had the most time, so a client that holds connections keeps no other out.
    const [oldest] = open;
    if (open.size >= scrapeConnections) oldest?.destroy();
    open.add(socket);
    // Node's own timeouts are for heads, bodies and idle connections each; this one is for all of them together.
    const cut = setTimeout(() => void socket.destroy(), scrapeTimeoutMs);
    socket.once('close', () => {
      open.delete(socket);
      clearTimeout(cut);
    });
  });
  return server;
}

async function begin(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => {
      const remedy = 'end the program that has the port, or give another one with --metrics-listen';
      reject(new ListenError(`--metrics-listen ${host} port ${port}: ${reasonOf(error)}; ${remedy}`, { cause: error }));
    };
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}
