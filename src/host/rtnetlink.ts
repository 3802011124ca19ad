import { rememberLast } from '../model/remember-last.js';
import { findLink, linkTable, portsOf, readLinks, removeLink, type KernelLink } from './kernel-links.js';
import { KernelNews, type Scope } from './kernel-news.js';
import { addressTable, readAddresses, readRoutes, routeTable, type KernelPrefix } from './kernel-prefixes.js';
import { reasonOf, storageError } from './native-error.js';
import { NetlinkSocket } from './netlink-socket.js';

export interface KernelFacts {
  readonly links: readonly KernelLink[];
  readonly addresses: readonly KernelPrefix[];
  readonly routes: readonly KernelPrefix[];
}

interface Sockets {
  readonly news: KernelNews;
  readonly answers: NetlinkSocket;
}

/**
 * Links, addresses and routes (of every table) of this network namespace. `os.networkInterfaces()` hides links that are down or have no
 * carrier, which an idle CNI bridge is. The kernel tells of changes, so that a table is asked for again only after one; it answers at once.
 */
export class RtNetlink {
  readonly #links = linkTable();
  readonly #addresses = addressTable();
  readonly #routes = routeTable();
  readonly #readLinks = rememberLast(readLinks);
  readonly #readAddresses = rememberLast(readAddresses);
  readonly #readRoutes = rememberLast(readRoutes);
  #sockets: Sockets | undefined;

  /** Each list is the same object as before while nothing in it changes. @throws NetworkError storage */
  readFacts(): KernelFacts {
    try {
      return this.#ask(({ news, answers }) => {
        this.#expire(news.takeScope());
        return {
          links: this.#readLinks(this.#links.read(answers)),
          addresses: this.#readAddresses(this.#addresses.read(answers)),
          routes: this.#readRoutes(this.#routes.read(answers)),
        };
      });
    } catch (error) {
      throw storageError('read', 'rtnetlink', error);
    }
  }

  /**
   * Deletes a bridge that has no ports. What is no bridge, or has something plugged in, is somebody's and stays.
   *
   * @returns why it is still there
   */
  removeBridge(name: string): string | undefined {
    try {
      return this.#ask(({ answers }) => {
        const bridge = findLink(answers, name);
        if (bridge?.kind !== 'bridge') return undefined;
        const ports = portsOf(answers, bridge.index);
        if (ports.length > 0) return `bridge ${name} stays: ${ports.join(', ')} is plugged into it`;
        removeLink(answers, bridge.index);
        return undefined;
      });
    } catch (error) {
      return `bridge ${name} stays: ${reasonOf(error)}`;
    }
  }

  close(): void {
    this.#sockets?.news.close();
    this.#sockets?.answers.close();
    this.#sockets = undefined;
  }

  #ask<T>(use: (sockets: Sockets) => T): T {
    this.#sockets ??= this.#open();
    try {
      return use(this.#sockets);
    } catch (error) {
      // What is still to come must not be taken for the next answer.
      this.close();
      throw error;
    }
  }

  /** What changed while nobody listened is not told. */
  #open(): Sockets {
    const news = new KernelNews();
    this.#expire('links');
    try {
      return { news, answers: new NetlinkSocket(0) };
    } catch (error) {
      news.close();
      throw error;
    }
  }

  #expire(scope: Scope | undefined): void {
    if (scope === undefined) return;
    this.#routes.expire();
    if (scope !== 'routes') this.#addresses.expire();
    if (scope === 'links') this.#links.expire();
  }
}
