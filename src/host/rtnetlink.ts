import type { RtNetlinkSocket } from 'netlink';
import { rememberLast } from '../model/remember-last.js';
import { netlink } from './addons.js';
import { KernelTable } from './kernel-table.js';
import { reasonOf, storageError } from './native-error.js';
import { findAttribute, formatAttribute, messagesIn, textOf } from './netlink-message.js';

export interface KernelLink {
  readonly name: string;
  /** `bridge`, `veth`, …; `device` where the kernel names no kind, as for hardware. */
  readonly kind: string;
}

export interface KernelPrefix {
  /** 4 or 16 bytes; host bits may be set. */
  readonly address: Uint8Array;
  readonly prefixBits: number;
}

export interface KernelFacts {
  readonly links: readonly KernelLink[];
  readonly addresses: readonly KernelPrefix[];
  readonly routes: readonly KernelPrefix[];
}

/** RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE and their structs' sizes; source: linux include/uapi/linux/rtnetlink.h, if_link.h, if_addr.h. */
const getLinks = 18;
const getAddresses = 22;
const getRoutes = 26;
const linkBytes = 16;
const addressBytes = 8;
const routeBytes = 12;

/** IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS: counters of traffic make every dump another. */
const extendedMask = 29;
const skipStatistics = 0x8;

/**
 * Links, addresses and routes (of every table) of this network namespace. `os.networkInterfaces()` hides links that are down or have no
 * carrier, which an idle CNI bridge is.
 */
export class RtNetlink {
  readonly #links = new KernelTable(
    getLinks,
    Buffer.concat([Buffer.alloc(linkBytes), formatAttribute(extendedMask, skipStatistics)]),
  );
  readonly #addresses = new KernelTable(getAddresses, Buffer.alloc(addressBytes));
  readonly #routes = new KernelTable(getRoutes, Buffer.alloc(routeBytes));
  readonly #readLinks = rememberLast(readLinks);
  readonly #readAddresses = rememberLast(readAddresses);
  readonly #readRoutes = rememberLast(readRoutes);
  #socket: RtNetlinkSocket | undefined;

  /** Each list is the same object as before while nothing in it changes. One call at a time. @throws NetworkError storage */
  async readFacts(): Promise<KernelFacts> {
    try {
      const [links, addresses, routes] = await Promise.all([
        this.#links.read(),
        this.#addresses.read(),
        this.#routes.read(),
      ]);
      return {
        links: this.#readLinks(links),
        addresses: this.#readAddresses(addresses),
        routes: this.#readRoutes(routes),
      };
    } catch (error) {
      throw storageError('read', 'rtnetlink', error);
    }
  }

  /**
   * Deletes a bridge that has no ports. What is no bridge, or has something plugged in, is somebody's and stays.
   *
   * @returns why it is still there
   */
  async removeBridge(name: string): Promise<string | undefined> {
    try {
      this.#socket ??= netlink().createRtNetlink();
      const links = await this.#socket.getLinks();
      const link = links.find(({ attrs }) => attrs.ifname === name);
      if (link === undefined || kindOf(link.attrs.linkinfo) !== 'bridge') return undefined;
      const ports = links.filter(({ attrs }) => attrs.master === link.data.index);
      if (ports.length > 0) {
        return `bridge ${name} stays: ${ports.map(({ attrs }) => attrs.ifname ?? '').join(', ')} is plugged into it`;
      }
      await this.#socket.delLink({ index: link.data.index ?? 0 });
      return undefined;
    } catch (error) {
      return `bridge ${name} stays: ${reasonOf(error)}`;
    }
  }
}

/** IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_KIND; source: linux include/uapi/linux/if_link.h. */
const linkName = 3;
const linkInfo = 18;
const infoKind = 1;

function readLinks(table: Buffer): readonly KernelLink[] {
  return Array.from(messagesIn(table), ({ body }) => ({
    name: textOf(findAttribute(body, linkBytes, linkName)) ?? '',
    kind: kindOf(findAttribute(body, linkBytes, linkInfo)),
  }));
}

function kindOf(info: Buffer | undefined): string {
  return (info && textOf(findAttribute(info, 0, infoKind))) ?? 'device';
}

/** IFA_ADDRESS, IFA_LOCAL; source: linux include/uapi/linux/if_addr.h. */
const addressAttribute = 1;
const localAttribute = 2;

function readAddresses(table: Buffer): readonly KernelPrefix[] {
  return [...messagesIn(table)].flatMap(({ body }) => {
    const [family, prefixBits] = body;
    const address =
      findAttribute(body, addressBytes, addressAttribute) ?? findAttribute(body, addressBytes, localAttribute);
    return prefix(family, address, prefixBits);
  });
}

/** RTA_DST; source: linux include/uapi/linux/rtnetlink.h. */
const destination = 1;

/** RTN_BROADCAST, RTN_ANYCAST, RTN_MULTICAST: routes that send packets nowhere in particular, to everybody, or to the nearest of many. */
const uncounted = new Set([3, 4, 5]);

function readRoutes(table: Buffer): readonly KernelPrefix[] {
  return [...messagesIn(table)].flatMap(({ body }) => {
    const [family, prefixBits, , , , , , type = 0] = body;
    return uncounted.has(type) ? [] : prefix(family, findAttribute(body, routeBytes, destination), prefixBits);
  });
}

/** AF_INET, AF_INET6. */
const addressLength: Readonly<Record<number, number>> = { 2: 4, 10: 16 };

function prefix(family = 0, address: Uint8Array | undefined, prefixBits: number | undefined): readonly KernelPrefix[] {
  // MPLS has routes too, with labels for addresses.
  if (address === undefined || prefixBits === undefined || address.length !== addressLength[family]) return [];
  return [{ address, prefixBits }];
}
