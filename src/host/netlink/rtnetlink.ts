import type { Address } from '../../model/address.js';
import { KeyedQueue } from '../../model/keyed-queue.js';
import { rememberLast } from '../../model/remember-last.js';
import {
  findLink,
  findStranger,
  linkTable,
  portsOf,
  readLinks,
  removeLink,
  type BridgeRemoval,
  type KernelLink,
} from './links.js';
import { KernelNotifications, type Scope } from './notifications.js';
import { addressTable, readAddresses, readRoutes, routeTable, type KernelPrefix } from './prefixes.js';
import { reasonOf, storageError } from '../native-error.js';
import { NetlinkSocket } from './socket.js';

export interface KernelFacts {
  readonly links: readonly KernelLink[];
  readonly addresses: readonly KernelPrefix[];
  readonly routes: readonly KernelPrefix[];
}

interface Sockets {
  readonly notifications: KernelNotifications;
  readonly answers: NetlinkSocket;
}

/**
 * Links, addresses and routes (of every table) of this network namespace. `os.networkInterfaces()` would hide links that are down or have no
 * carrier, as an idle CNI bridge. The kernel notifies podnetd of changes, so podnetd dumps a table again only after one.
 */
export class RtNetlink {
  readonly #links = linkTable();
  readonly #addresses = addressTable();
  readonly #routes = routeTable();
  readonly #readLinks = rememberLast(readLinks);
  readonly #readAddresses = rememberLast(readAddresses);
  readonly #readRoutes = rememberLast(readRoutes);
  #sockets: Sockets | undefined;
  /** One call after the other: the kernel takes one dump at a time on a socket. */
  readonly #calls = new KeyedQueue();
  /** Number of calls that have begun or wait. */
  #underWay = 0;

  /**
   * Every link, address and route. A list is the same object as in the last answer while no entry of it changed.
   *
   * @throws NetworkError storage
   */
  async readFacts(): Promise<KernelFacts> {
    try {
      return await this.#ask(async ({ notifications, answers }) => {
        this.#expire(notifications.takeScope());
        return {
          links: this.#readLinks(await this.#links.read(answers)),
          addresses: this.#readAddresses(await this.#addresses.read(answers)),
          routes: this.#readRoutes(await this.#routes.read(answers)),
        };
      });
    } catch (error) {
      throw storageError('read', 'rtnetlink', error);
    }
  }

  /** Whether a link may have the name, by the last dump and the notifications since; true during another call. */
  mayHave(name: string): boolean {
    // A dump that is under way would count as newer than the notifications that this look takes.
    if (this.#sockets === undefined || this.#underWay > 0) return true;
    try {
      this.#expire(this.#sockets.notifications.takeScope());
    } catch {
      return true;
    }
    return !this.#isKnownAbsent(name);
  }

  /**
   * Deletes a bridge that has no ports. A link of another kind, or a bridge with ports, is in use and stays.
   *
   * @param gateways addresses of the bridge, where another one may have its name by now; see {@link findStranger}
   */
  async removeBridge(name: string, gateways?: readonly Address[]): Promise<BridgeRemoval> {
    try {
      return await this.#ask(async ({ notifications, answers }) => {
        this.#expire(notifications.takeScope());
        if (this.#isKnownAbsent(name)) return 'absent';
        const bridge = await findLink(answers, name);
        if (bridge?.kind !== 'bridge') return 'absent';
        const ports = await portsOf(answers, bridge.index);
        if (ports.length > 0) return { stays: `bridge ${name} stays: ${ports.join(', ')} is plugged into it` };
        if (gateways !== undefined) {
          const table = this.#readAddresses(await this.#addresses.read(answers));
          const found = table.filter(({ linkIndex }) => linkIndex === bridge.index).map(toAddress);
          const stays = findStranger(name, found, gateways);
          if (stays !== undefined) return { stays };
        }
        await removeLink(answers, bridge.index);
        return 'removed';
      });
    } catch (error) {
      return { stays: `bridge ${name} stays: ${reasonOf(error)}` };
    }
  }

  #isKnownAbsent(name: string): boolean {
    const links = this.#links.known && this.#readLinks(this.#links.known);
    return links?.every((link) => link.name !== name) === true;
  }

  #close(): void {
    this.#sockets?.notifications.close();
    this.#sockets?.answers.close();
    this.#sockets = undefined;
  }

  async #ask<T>(use: (sockets: Sockets) => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await this.#calls.run('', async () => await this.#askInTurn(use));
    } finally {
      this.#underWay -= 1;
    }
  }

  async #askInTurn<T>(use: (sockets: Sockets) => Promise<T>): Promise<T> {
    this.#sockets ??= this.#open();
    try {
      return await use(this.#sockets);
    } catch (error) {
      // The rest of this answer must not be taken for the next one.
      this.#close();
      throw error;
    }
  }

  /** Opens the sockets and forgets every dump, because the kernel queued no notification while no socket was open. */
  #open(): Sockets {
    const notifications = new KernelNotifications();
    this.#expire('links');
    try {
      return { notifications, answers: new NetlinkSocket(0) };
    } catch (error) {
      notifications.close();
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

function toAddress({ address }: KernelPrefix): Address {
  return { family: address.length === 4 ? 4 : 6, value: BigInt(`0x${Buffer.from(address).toString('hex')}`) };
}
