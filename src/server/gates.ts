import type { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { limits } from '../api/limits.js';
import { ListenError } from '../host/sockets/listen-error.js';
import { lookUpSocketName } from '../host/sockets/socket-name.js';
import { checkInheritedSocket, type InheritedSocket, type WarningLog } from '../host/sockets/systemd.js';
import { claimSocketPath, describing, type SocketAccess, type SocketClaim } from '../host/sockets/unix-socket.js';
import { noteAddress } from './accepting-socket.js';
import { SocketKeeper, type KeptSocket } from './socket-keeper.js';

interface Gate {
  readonly address: string;
  server: Server;
  /** Path of a socket that podnetd made. */
  claim?: SocketClaim;
}

/** The sockets through which connections come to one http.Server. */
export class Gates {
  readonly #gates: Gate[] = [];
  readonly #keepers: SocketKeeper[] = [];
  /** With those whose socket clients do not find any more, because their connections go on. */
  readonly #servers = new Set<Server>();
  #isWithdrawn = false;

  constructor(
    private readonly http: HttpServer,
    private readonly log: WarningLog,
  ) {}

  /** One per socket: its path, or the descriptor of an inherited socket that has no path. */
  get addresses(): readonly string[] {
    return this.#gates.map(({ address }) => address);
  }

  get areOurs(): boolean {
    return this.#gates.some(({ claim }) => claim !== undefined);
  }

  /** Why clients do not find one of the sockets, with the remedy; undefined while they do. */
  get problem(): string | undefined {
    const problems = this.#keepers.flatMap(({ problem }) => problem ?? []);
    return problems.length === 0 ? undefined : problems.join('; ');
  }

  /** @throws ListenError */
  async openInherited(inherited: readonly InheritedSocket[]): Promise<void> {
    const addresses = inherited.map((socket) => checkInheritedSocket(socket) ?? `descriptor ${socket.fd}`);
    for (const [index, { fd, name }] of inherited.entries()) {
      const address = addresses[index] ?? name;
      const server = this.#nextServer();
      this.#gates.push({ server, address });
      noteAddress(server, address);
      // Not fastify.listen({ fd }), which wants to log an address and an inherited Unix socket has none.
      await describing(address, async () => await startServer(server, { fd }));
      if (server.address() !== null)
        throw new ListenError(`inherited socket ${name} (descriptor ${fd}): not a Unix socket`);
    }
    for (const { address, server } of this.#gates) {
      this.#outliveFailures(server, address);
      const found = lookUpSocketName(address);
      if (found !== undefined) this.#keepers.push(new SocketKeeper({ name: found, makeAnew: undefined }, this.log));
    }
  }

  /** @throws ListenError, AddonError */
  async openOwn(sockets: readonly string[], access: SocketAccess): Promise<void> {
    const paths = new Set(sockets.map((path) => resolve(path)));
    if (paths.size === 0) throw new ListenError('no socket to listen on');
    const claimed: { readonly gate: Gate; readonly claim: SocketClaim }[] = [];
    for (const path of paths) {
      const claim = await claimSocketPath(path);
      const gate = { server: this.#nextServer(), address: path, claim };
      this.#gates.push(gate);
      noteAddress(gate.server, path);
      claimed.push({ gate, claim });
      await describing(path, async () => await startServer(gate.server, { path: claim.bindPath }));
    }
    const published: KeptSocket[] = [];
    for (const { gate, claim } of claimed) {
      const name = await describing(gate.address, () => claim.publish(access));
      published.push({ name, makeAnew: async () => await this.#openAnew(gate, access) });
      this.#outliveFailures(gate.server, gate.address);
    }
    for (const kept of published) this.#keepers.push(new SocketKeeper(kept, this.log));
  }

  /** Removes the sockets that were made, and makes none any more. */
  withdraw(): void {
    this.#isWithdrawn = true;
    for (const keeper of this.#keepers) keeper.close();
    for (const { address, claim } of this.#gates) {
      try {
        claim?.withdraw();
      } catch (error) {
        this.log.warn({ err: error, socket: address }, 'the socket could not be removed');
      }
    }
  }

  /** Takes no more connections, and resolves when none is left. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#servers, closeServer));
  }

  /** Makes a socket under the same name; connections of the former one go on. @throws ListenError */
  async #openAnew(gate: Gate, access: SocketAccess): Promise<KeptSocket> {
    gate.claim?.withdraw();
    const claim = await claimSocketPath(gate.address);
    const server = this.#makeServer();
    noteAddress(server, gate.address);
    try {
      await describing(gate.address, async () => await startServer(server, { path: claim.bindPath }));
      // podnetd may have begun to close meanwhile.
      if (this.#isWithdrawn) throw new ListenError(`${gate.address}: podnetd ends`);
      const name = await describing(gate.address, () => claim.publish(access));
      this.#outliveFailures(server, gate.address);
      // An http.Server also counts and times the connections of all the others.
      if (gate.server !== this.http) gate.server.close();
      gate.server = server;
      gate.claim = claim;
      return { name, makeAnew: async () => await this.#openAnew(gate, access) };
    } catch (error) {
      claim.withdraw();
      server.close();
      throw error;
    }
  }

  /**
   * An http.Server listens on one handle; further ones hand it their connections, which it then counts, times and closes as its own.
   * They stay open for writing after the client's end, as those of an http.Server do.
   */
  #nextServer(): Server {
    if (this.#servers.size > 0) return this.#makeServer();
    this.#servers.add(this.http);
    return this.http;
  }

  #makeServer(): Server {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.http.emit('connection', socket);
    });
    this.#servers.add(server);
    server.once('close', () => void this.#servers.delete(server));
    return server;
  }

  /** A failing accept(2), for want of memory or descriptors, must not end the daemon. */
  #outliveFailures(server: Server, socket: string): void {
    server.on('error', (error) => this.log.warn({ err: error, socket }, 'a connection was not accepted'));
  }
}

async function startServer(server: Server, target: { readonly fd: number } | { readonly path: string }): Promise<void> {
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen({ ...target, backlog: limits.queuedConnections }, () => {
      server.off('error', failed);
      listening();
    });
  });
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((closed) => void server.close(() => closed()));
}
