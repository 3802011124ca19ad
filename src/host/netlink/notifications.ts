import { codeOf } from '../native-error.js';
import { messagesIn } from './message.js';
import { NetlinkSocket } from './socket.js';

/**
 * Tables of the kernel, from wide to narrow: a change of one may change those behind it. Addresses go with their link and routes with both,
 * and the kernel sends no notification for IPv4 routes that go in this way.
 */
const scopes = ['links', 'addresses', 'routes'] as const;
export type Scope = (typeof scopes)[number];

/** RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE, RTNLGRP_NEXTHOP; source: linux include/uapi/linux/rtnetlink.h. */
const groups = 0x1 | 0x10 | 0x40 | 0x100 | 0x400 | 0x8000_0000;

/** RTM_NEWADDR, RTM_DELADDR; RTM_NEWROUTE, RTM_DELROUTE; RTM_NEWNEXTHOP, RTM_DELNEXTHOP. */
const ofAddresses = new Set([20, 21]);
const ofRoutes = new Set([24, 25, 104, 105]);

/** Past this number of notifications at once, every table counts as changed. */
const maxMessages = 1_000;

/** Buffer for the header of a notification, whose type suffices. */
const header = Buffer.alloc(16);

/**
 * A subscription to the kernel's notifications of changed links, addresses and routes. The kernel sends the one for an IPv6 address without
 * duplicate detection a moment late.
 */
export class KernelNotifications {
  readonly #socket = new NetlinkSocket(groups >>> 0);

  /**
   * The widest table that changed since the last call, with every change that was made before this call.
   *
   * @returns undefined when no table changed
   * @throws Error of the kernel
   */
  takeScope(): Scope | undefined {
    const found = new Set<Scope>();
    for (let count = 0; count < maxMessages; count += 1) {
      const scope = this.#next();
      if (scope === undefined) return scopes.find((candidate) => found.has(candidate));
      found.add(scope);
    }
    return 'links';
  }

  close(): void {
    this.#socket.close();
  }

  #next(): Scope | undefined {
    try {
      const message = this.#socket.take(header);
      if (message === undefined) return undefined;
      const [{ type } = { type: 0 }] = messagesIn(message);
      return ofRoutes.has(type) ? 'routes' : ofAddresses.has(type) ? 'addresses' : 'links';
    } catch (error) {
      if (codeOf(error) === 'ENOBUFS') return 'links';
      throw error;
    }
  }
}
