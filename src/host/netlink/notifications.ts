import { codeOf } from '../native-error.js';
import { messagesIn } from './message.js';
import { NetlinkSocket } from './socket.js';

/**
 * What a change in the kernel may have changed with it, from wide to narrow. Addresses go with their link and routes with both, and of
 * routes of IPv4 that go like that the kernel tells nothing.
 */
const scopes = ['links', 'addresses', 'routes'] as const;
export type Scope = (typeof scopes)[number];

/** RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR, RTMGRP_IPV6_ROUTE, RTNLGRP_NEXTHOP; source: linux include/uapi/linux/rtnetlink.h. */
const groups = 0x1 | 0x10 | 0x40 | 0x100 | 0x400 | 0x8000_0000;

/** RTM_NEWADDR, RTM_DELADDR; RTM_NEWROUTE, RTM_DELROUTE; RTM_NEWNEXTHOP, RTM_DELNEXTHOP. */
const ofAddresses = new Set([20, 21]);
const ofRoutes = new Set([24, 25, 104, 105]);

/** More than that at once, and nothing is kept. */
const maxMessages = 1_000;

/** The header of a message tells enough. */
const header = Buffer.alloc(16);

/**
 * Tells how far the kernel's tables may have changed since the last call. Of an address of IPv6 without detection of duplicates the kernel
 * itself tells a moment late.
 */
export class KernelNews {
  readonly #socket = new NetlinkSocket(groups >>> 0);

  /** Everything that was done before the call is told. @throws Error of the kernel */
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
