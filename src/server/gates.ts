import type { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { limits } from '../api/limits.js';
import { ListenError } from '../host/sockets/listen-error.js';
import { lookUpSocketName } from '../host/sockets/socket-name.js';
import {
  checkInheritedSocket,
  describeInherited,
  type InheritedSocket,
  type WarningLog,
} from '../host/sockets/systemd.js';
import { claimSocketPath, describing, type SocketAccess, type SocketClaim } from '../host/sockets/unix-socket.js';
import type { LabelScope } from '../model/label-scope.js';
import type { Role } from '../model/role.js';
import { noteEntrance, type Entrance } from './accepting-socket.js';
import { roleOfInherited } from './inherited-role.js';
import { SocketKeeper, type KeptSocket } from './socket-keeper.js';

/** A socket as the settings have it. */
export interface OwnSocket extends SocketAccess {
  readonly path: string;
  /** `admin` where it is undefined. */
  readonly role?: Role | undefined;
  readonly label?: LabelScope | undefined;
}

interface Gate extends Entrance {
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

  /** One per socket. */
  get entrances(): readonly Entrance[] {
    return this.#gates.map(({ address, role }) => ({ address, role }));
  }

  get areOurs(): boolean {
    return this.#gates.some(({ claim }) => claim !== undefined);
  }

  /** Why clients do not find one of the sockets, with the remedy; undefined while they do. */
  get problem(): string | undefined {
    const problems = this.#keepers.flatMap(({ problem }) => problem ?? []);
    return problems.length === 0 ? undefined : problems.join('; ');
  }

  /** @param sockets those of the settings, whose roles the inherited ones with their paths have @throws ListenError */
  async openInherited(inherited: readonly InheritedSocket[], sockets: readonly OwnSocket[]): Promise<void> {
    const settings = new Map(sockets.map((socket) => [resolve(socket.path), socket]));
    const entrances = inherited.map((socket): Entrance => {
      const path = checkInheritedSocket(socket);
      const found = path === undefined ? undefined : settings.get(path);
      const role = roleOfInherited(socket, found?.role);
      const label = found?.label;
      if (path !== undefined) settings.delete(path);
      return { address: path ?? `descriptor ${socket.fd}`, role, label };
    });
    const unmade = [...settings.values()].filter(({ role }) => role !== undefined).map(({ path }) => path);
    if (unmade.length > 0)
      this.log.warn({ sockets: unmade }, 'not made, because a service manager passed others: give each a socket unit');
    for (const [index, entrance] of entrances.entries()) {
      const socket = inherited[index] as InheritedSocket;
      const server = this.#nextServer();
      this.#gates.push({ server, ...entrance });
      noteEntrance(server, entrance);
      // Not fastify.listen({ fd }), which wants to log an address and an inherited Unix socket has none.
      await describing(entrance.address, async () => await startServer(server, { fd: socket.fd }));
      if (server.address() !== null) throw new ListenError(`${describeInherited(socket)}: not a Unix socket`);
    }
    for (const { address, server } of this.#gates) {
      this.#outliveFailures(server, address);
      const found = lookUpSocketName(address);
      if (found !== undefined) this.#keepers.push(new SocketKeeper({ name: found, makeAnew: undefined }, this.log));
    }
  }

  /** @throws ListenError, AddonError */
  async openOwn(sockets: readonly OwnSocket[]): Promise<void> {
    const byPath = new Map(sockets.map((socket) => [resolve(socket.path), socket]));
    if (byPath.size === 0) throw new ListenError('no socket to listen on');
    const claimed: { readonly gate: Gate; readonly claim: SocketClaim; readonly access: SocketAccess }[] = [];
    for (const [path, { role = 'admin', label, ...access }] of byPath) {
      const claim = await claimSocketPath(path);
      const gate = { server: this.#nextServer(), address: path, role, label, claim };
      this.#gates.push(gate);
      noteEntrance(gate.server, gate);
      claimed.push({ gate, claim, access });
      await describing(path, async () => await startServer(gate.server, { path: claim.bindPath }));
    }
    const published: KeptSocket[] = [];
    for (const { gate, claim, access } of claimed) {
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
    noteEntrance(server, gate);
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
