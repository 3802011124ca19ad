import { KernelTable } from './table.js';
import { findAttribute, int32Of, messagesIn } from './message.js';

export interface KernelPrefix {
  /** 4 or 16 bytes; host bits may be set. */
  readonly address: Uint8Array;
  readonly prefixBits: number;
  /** Index of the link that has the address, or that the route leads through. */
  readonly linkIndex?: number | undefined;
}

/** RTM_GETADDR, RTM_GETROUTE and their structs' sizes; source: linux include/uapi/linux/rtnetlink.h, if_addr.h. */
const getAddresses = 22;
const getRoutes = 26;
const addressBytes = 8;
const routeBytes = 12;

/** The kernel's table of every address of every link. */
export function addressTable(): KernelTable {
  return new KernelTable(getAddresses, Buffer.alloc(addressBytes));
}

/** The kernel's routes, those of every routing table. */
export function routeTable(): KernelTable {
  return new KernelTable(getRoutes, Buffer.alloc(routeBytes));
}

/** IFA_ADDRESS, IFA_LOCAL; source: linux include/uapi/linux/if_addr.h. */
const addressAttribute = 1;
const localAttribute = 2;
/** Offset in struct ifaddrmsg, in bytes. */
const linkIndexAt = 4;

/** Prefixes of the addresses of a dump. A point-to-point link has two: the prefix of its peer, and its own address at full length. */
export function readAddresses(table: Buffer): readonly KernelPrefix[] {
  return [...messagesIn(table)].flatMap(({ body }) => {
    const [family, prefixBits] = body;
    const local = findAttribute(body, addressBytes, localAttribute);
    const address = findAttribute(body, addressBytes, addressAttribute) ?? local;
    const found = prefix(family, address, prefixBits);
    const own = local === undefined || address?.equals(local) === true ? [] : prefix(family, local, local.length * 8);
    const linkIndex = int32Of(body.subarray(linkIndexAt));
    return [...found, ...own].map((each) => ({ ...each, linkIndex }));
  });
}

/** RTA_DST, RTA_OIF; source: linux include/uapi/linux/rtnetlink.h. */
const destination = 1;
const outputLink = 4;

/** RTN_BROADCAST, RTN_ANYCAST, RTN_MULTICAST: their destinations are groups, not subnets. */
const uncounted = new Set([3, 4, 5]);

/** Prefixes that the routes of a dump lead to. */
export function readRoutes(table: Buffer): readonly KernelPrefix[] {
  return [...messagesIn(table)].flatMap(({ body }) => {
    const [family, prefixBits, , , , , , type = 0] = body;
    if (uncounted.has(type)) return [];
    const link = findAttribute(body, routeBytes, outputLink);
    return prefix(family, findAttribute(body, routeBytes, destination), prefixBits).map((found) => ({
      ...found,
      linkIndex: link && int32Of(link),
    }));
  });
}

/** Bytes of an address by family: AF_INET, AF_INET6. */
const addressLength: Readonly<Record<number, number>> = { 2: 4, 10: 16 };

function prefix(family = 0, address: Uint8Array | undefined, prefixBits: number | undefined): readonly KernelPrefix[] {
  // MPLS routes have labels in place of addresses.
  if (address === undefined || prefixBits === undefined || address.length !== addressLength[family]) return [];
  return [{ address, prefixBits }];
}
